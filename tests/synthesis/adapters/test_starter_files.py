"""The files of the starter catalogue can be read, and broken ones say where."""

from collections import Counter
from pathlib import Path

import pytest

from synthesis.adapters import starter_files
from synthesis.adapters.starter_files import CatalogFileError
from synthesis.engine.participants.cast import Persona
from synthesis.engine.participants.people import agent_findings, persona_findings


def test_the_people_of_the_catalogue_are_many_and_distinct() -> None:
    personas, profiles = starter_files.personas(), starter_files.agent_profiles()
    assert len({persona.slug for persona in personas}) == len(personas) >= 60
    assert min(Counter(persona.language for persona in personas).values()) >= 24
    assert len({profile.slug for profile in profiles}) == len(profiles) >= 24
    assert [found for persona in personas for found in persona_findings(persona)] == []
    assert [found for profile in profiles for found in agent_findings(profile)] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {slug: a}", "missing required field"),
        ("- {slug: a, name: [", "people.yaml"),
        ("just words", "Expected `array`"),
    ],
)
def test_a_broken_file_names_itself_and_the_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text)
    with pytest.raises(CatalogFileError, match=r"people\.yaml") as caught:
        starter_files.read_people(path, Persona)
    assert says in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogFileError, match=r"none\.yaml"):
        starter_files.read_people(tmp_path / "none.yaml", Persona)


def test_audit_summaries_are_kept_in_order_of_slug(tmp_path: Path) -> None:
    path = tmp_path / "audited.json"
    assert starter_files.read_audited(path) == {}
    starter_files.write_audited({"2": {"slug": "b"}, "1": {"slug": "c"}, "3": {"slug": "a"}}, path)
    assert [summary["slug"] for summary in starter_files.read_audited(path).values()] == ["a", "b", "c"]
    assert [file.name for file in tmp_path.iterdir()] == ["audited.json"]
