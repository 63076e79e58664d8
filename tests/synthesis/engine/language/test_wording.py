"""Wordings as data: what a file must hold, and how its faults are told."""

from importlib import resources

import pytest

from synthesis.engine.language.wording import AGENT_ACTS, TONES, USER_ACTS, parse_wording
from synthesis.engine.packs.findings import PackError
from synthesis.engine.participants.wording import starter_wording


def text(language: str = "en") -> str:
    return (resources.files("synthesis.catalog") / "wording" / f"{language}.yaml").read_text("utf-8")


def test_the_starter_wordings_are_rich() -> None:
    for words in starter_wording().values():
        assert set(words.lines["user"]) == set(USER_ACTS)
        assert set(words.lines["agent"]) == set(AGENT_ACTS)
        for act in ("ask", "ask_next", "propose_question", "checking", "more", "closing"):
            assert all(len(words.choices("agent", act, tone)) >= 4 or act == "propose_question" for tone in TONES)
        for act in ("greeting", "affirm", "closing", "press"):
            assert sum(len(lines) for lines in words.lines["user"][act].values()) >= 8


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        ("format: wording/1", "format: wording/2", "format", "schema"),
        ("  affirm:\n", "  afirm:\n", "user.afirm", "Remove it"),
        ("  affirm:\n", "  afirm:\n", "user.affirm", "Add lines"),
        ("Could you tell me {labels}, please?", "Could you tell me, please?", "agent.ask.warm.0", "{labels}"),
        ("Could you tell me {labels}, please?", "Could {name} tell me {labels}?", "agent.ask.warm.0", "{labels}"),
        ('    formal: ["Yes, please proceed."', '    stiff: ["Yes, please proceed."', "user.affirm", "Add at least two"),
        ('    formal: ["Yes, please proceed."', '    stiff: ["Yes, please proceed."', "user.affirm.stiff", "Use casual"),
    ],
)
def test_faults_name_place_and_remedy(old: str, new: str, place: str, remedy: str) -> None:
    assert old in text()
    with pytest.raises(PackError) as caught:
        parse_wording(text().replace(old, new, 1))
    finding = next(f for f in caught.value.findings if f.place == place)
    assert remedy in finding.remedy
    assert finding.line > 0 or place.count(".") < 2


def test_an_act_without_lines_in_a_manner_falls_back() -> None:
    words = starter_wording()["en"]
    assert words.choices("agent", "retry", "warm") == words.choices("agent", "retry")
