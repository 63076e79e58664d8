"""Repair: what the audit found goes back to the author with the pack; what comes back are parts that take the place of others."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from synthesis.engine.evolution.asking import Answered, Author, Wrong
from synthesis.engine.evolution.drafting import Reference
from synthesis.engine.evolution.ideas import listed, whole
from synthesis.engine.evolution.pack_work import text_of
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.locate import path_of
from synthesis.engine.packs.yaml_text import Path, load

MOST_REPAIRS = 4
MOST_CHANGES = 40
SHOWN = 30
"""Findings shown at once, errors first."""
PROGRAMS = {"program", "bind", "seed", "invariants", "helpers"}
FIXED = ("format", "slug", "category")
"""What a repair may not change."""


async def repair(author: Author, text: str, findings: Sequence[Finding], reference: Reference) -> Answered[str]:
    """The pack with its author's changes. Raises NoAnswer, ChatErrors."""

    def read(value: dict[str, Any]) -> str:
        return changed(text, [(change["place"], change["yaml"]) for change in value["changes"]])

    changes = listed(whole(place={"type": "string", "minLength": 1}, yaml={"type": "string"}))
    values = {"pack": text, "findings": findings_shown(findings), "reference": "\n".join(reference.values())}
    return await author.ask("author_repair", values, whole(changes={**changes, "maxItems": MOST_CHANGES}), read)


def findings_shown(findings: Sequence[Finding]) -> str:
    """A line for each: place, words, remedy."""
    ordered = sorted(findings, key=lambda finding: finding.severity)
    lines = [f"- {f.severity} at {f.place}{f' (line {f.line})' if f.line else ''}: {f.problem} {f.remedy}" for f in ordered[:SHOWN]]
    return "\n".join(lines)


def changed(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """``text`` with the value at each place replaced by YAML ("" takes it out), one after the other. Raises Wrong."""
    if not changes:
        raise Wrong("There are no changes; the findings are still there.")
    data = load(text).data
    for where, yaml in changes:
        _put(data, where, _value(where, yaml))
    return text_of(data)


_GONE = object()
_PROGRAM = re.compile(r"^\s*def \w+\(", re.MULTILINE)


def _value(where: str, yaml: str) -> Any:
    """What is meant by ``yaml``. A program may stand there as it is, without a sign that it is a block of text."""
    bare = yaml.strip("\n")
    if not bare.strip():
        return _GONE
    textual = where.rpartition(".")[2] in PROGRAMS or where.startswith("checks.")
    if textual and _PROGRAM.search(bare) and bare.lstrip()[0] not in "|>":
        return textwrap.dedent(bare) + "\n"
    try:
        return load(bare + "\n").data
    except PackError as error:
        raise Wrong(f"The YAML for {where} cannot be read: {error.findings[0]}") from None


def _put(data: dict[str, Any], where: str, value: Any) -> None:
    path = path_of(where, data)
    wanted = where.split(".")
    if wanted[0] in FIXED:
        raise Wrong(f"{wanted[0]} is settled and cannot be changed.")
    missing = where[len(_spelt(where, path, data)) :].strip(".")
    if not missing:
        _replace(data, path, value, where)
    elif "." not in missing and value is not _GONE:
        _add(_at(data, path), missing, value, where)
    else:
        raise Wrong(
            f"There is nothing at {where}. Places are such as tools.find_owner.program, tables.owners, intents.move_visit.bind, seed."
        )


def _spelt(where: str, path: Path, data: Any) -> str:
    """The beginning of ``where`` that led to ``path``."""
    taken: list[str] = []
    parts = where.split(".")
    for step in path:
        if isinstance(step, str):
            taken += parts[len(taken) : len(taken) + step.count(".") + 1]
        else:
            taken += parts[len(taken) : len(taken) + 1]
    return ".".join(taken)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _replace(data: dict[str, Any], path: Path, value: Any, where: str) -> None:
    holder, last = _at(data, path[:-1]), path[-1]
    if value is _GONE:
        del holder[last]
        return
    if isinstance(holder, list) and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(holder[last], dict | list) != isinstance(value, dict | list) and path[0] != "checks":
        raise Wrong(f"What is given for {where} is of another kind than what stands there.")
    holder[last] = value


def _add(holder: Any, name: str, value: Any, where: str) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    elif isinstance(holder, list):
        given = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(given, dict):
            raise Wrong(f"What is given for {where} must be a mapping.")
        holder.append(given)
    else:
        raise Wrong(f"Nothing can be added at {where}.")
