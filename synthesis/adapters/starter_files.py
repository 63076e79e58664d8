"""The files of the starter catalogue: packs, personas, agent profiles, and the summaries of audits that unchanged packs have passed."""

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.prompts import Prompt

CATALOG = Path(__file__).resolve().parents[1] / "catalog"
AUDITED = CATALOG / "audited.json"
REFERENCE = CATALOG.parents[1] / "docs" / "pack-format.md"
"""The same page that people read."""

T = TypeVar("T")


class CatalogFileError(Exception):
    """A file of the catalogue cannot be read. The text names the file, the place and the reason."""


def pack_files() -> list[Path]:
    """The starter packs, in order of name."""
    return sorted((CATALOG / "packs").glob("*.yaml"))


def draft_template() -> str:
    """The text that a new domain begins with: a small complete pack."""
    return (CATALOG / "template.yaml").read_text("utf-8")


def personas() -> list[Persona]:
    """The starter personas. Raises CatalogFileError."""
    return read_people(CATALOG / "personas.yaml", Persona)


def agent_profiles() -> list[AgentProfile]:
    """The starter agent profiles. Raises CatalogFileError."""
    return read_people(CATALOG / "agents.yaml", AgentProfile)


def prompt(name: str) -> Prompt:
    """The default prompt of a seat. Raises CatalogFileError."""
    path = CATALOG / "prompts" / f"{name}.md"
    try:
        return Prompt(path.read_text("utf-8"))
    except OSError as error:
        raise CatalogFileError(f"{path.name}: {error}") from error


def pack_reference() -> dict[str, str]:
    """The reference of the pack format by its headings of the second rank, for authors that are models. Raises CatalogFileError."""
    try:
        text = REFERENCE.read_text("utf-8")
    except OSError as error:
        raise CatalogFileError(f"{REFERENCE.name}: {error}") from error
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {title: f"## {title}{body}".strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def read_people(path: Path, kind: type[T]) -> list[T]:
    """The list of ``kind`` that a YAML file holds. Raises CatalogFileError."""
    try:
        data: Any = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CatalogFileError(f"{path.name}: {error}") from error
    try:
        return msgspec.convert(data, list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise CatalogFileError(f"{path.name}: {error}") from error


def read_audited(path: Path = AUDITED) -> dict[str, Any]:
    """Summaries of passed audits by pack digest; none when there is no such file."""
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.exists() else {}


def write_audited(summaries: dict[str, Any], path: Path = AUDITED) -> None:
    """Replace the summaries, in order of slug, so that the file changes only where a pack does."""
    ordered = dict(sorted(summaries.items(), key=lambda item: (item[1]["slug"], item[0])))
    temporary = path.with_suffix(".part")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")
    temporary.replace(path)
