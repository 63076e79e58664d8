"""What a persona and an agent profile may hold, and how they sound."""

import msgspec
import pytest

from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.engine.participants.people import agent_findings, persona_findings
from synthesis.engine.participants.voice import agent_lines, persona_lines
from synthesis.engine.participants.wording import starter_wording
from tests.builders_runs import PERSONA, PROFILE


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"slug": "Ann"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"slug": "ann-0a1b2c3d"}, "slug"),
        ({"name": " "}, "name"),
        ({"background": "x" * 601}, "background"),
        ({"language": "fr"}, "language"),
        ({"formality": "royal"}, "formality"),
        ({"brevity": "silent"}, "brevity"),
        ({"mood": "blue"}, "mood"),
        ({"typos": 0.2}, "typos"),
        ({"patience": 0}, "patience"),
        ({"expertise": 6}, "expertise"),
        ({"preferences": ["a\nb"]}, "preferences"),
    ],
)
def test_a_persona_that_cannot_be_names_its_field(changes: dict[str, object], place: str) -> None:
    assert persona_findings(PERSONA) == []
    assert [finding.place for finding in persona_findings(msgspec.structs.replace(PERSONA, **changes))] == [place]


@pytest.mark.parametrize(
    ("changes", "place", "severity"),
    [
        ({"role": ""}, "role", "error"),
        ({"tone": "loud"}, "tone", "error"),
        ({"asks": "never"}, "asks", "error"),
        ({"rules": ["Be kind."] * 6}, "rules", "error"),
        ({"rules": ["Ask for one thing at a time."]}, "rules", "error"),
        ({"capabilities": [""]}, "capabilities", "error"),
        ({"confirms": False}, "confirms", "warning"),
    ],
)
def test_an_agent_that_cannot_be_names_its_field(changes: dict[str, object], place: str, severity: str) -> None:
    assert agent_findings(PROFILE) == []
    [finding] = agent_findings(msgspec.structs.replace(PROFILE, **changes))
    assert (finding.place, finding.severity) == (place, severity)


def test_everybody_of_the_starter_set_has_something_to_say_and_the_same_for_the_same_seed() -> None:
    words = starter_wording()
    voices = {}
    for persona in personas():
        said = persona_lines(persona, words, 1)
        assert said == persona_lines(persona, words, 1)
        assert all(line.strip() and "{" not in line for _act, line in said)
        if persona.language == "ko":
            assert any("가" <= letter <= "힣" for _act, line in said for letter in line)
        voices[persona.slug] = tuple(line for _act, line in said)
    assert len(set(voices.values())) > len(voices) * 0.9
    for agent in agent_profiles():
        for language in words:
            said = agent_lines(agent, words, language, 1)
            assert all(line.strip() and "{" not in line for _act, line in said)
