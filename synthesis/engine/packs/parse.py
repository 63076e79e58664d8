"""From the text of a pack to a Pack: strict YAML, the JSON Schema, then references.

``parse_pack`` raises PackError with every finding it can collect; a Pack that comes out is well-formed, but only the audit proves that
it works.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

import jsonschema_rs
import msgspec

from synthesis.engine.packs import references
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.model import (
    LANGUAGES,
    Caller,
    Check,
    Column,
    DeclaredError,
    GoldCall,
    Intent,
    Knowledge,
    Pack,
    Phrases,
    Preference,
    Related,
    Rule,
    Table,
    Telling,
    Tool,
    Twins,
)
from synthesis.engine.packs.yaml_text import Document, load, place

MOST_VALUES = 20_000
"""Values a file may hold, eight times those of the largest starter pack: what is wrong with each is found in one go, which takes time."""
MOST_FINDINGS = 200
"""What a schema finds wrong is told up to here: whoever mends that much reads again."""
COLUMN_WORDS = {"make", "ref", "unique", "default", "compare"}
"""Keys of a column that are ours; the rest is JSON Schema."""


@cache
def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a pack file."""
    schema: dict[str, Any] = json.loads(FilePath(__file__).with_name("schema.json").read_text("utf-8"))
    return schema


@cache
def _validator() -> Any:
    return jsonschema_rs.Draft202012Validator(pack_schema())


def parse_pack(text: str) -> Pack:
    """Parse a pack file. Raises PackError with findings that name line, place and remedy."""
    document = load(text)
    if not isinstance(document.data, dict):
        raise PackError([Finding("file", "is not a mapping.", "Begin with 'format: domain-pack/1'; see docs/pack-format.md.", 1)])
    if len(document.lines) > MOST_VALUES:
        remedy = f"A pack has at most {MOST_VALUES:,}; split the domain in two."
        raise PackError([Finding("file", f"holds {len(document.lines):,} values.", remedy)])
    findings = list(islice(_schema_findings(document), MOST_FINDINGS))
    if findings:
        raise PackError(findings)
    pack = _pack(document.data)
    findings = [_with_line(finding, document) for finding in references.check(pack, document.data)]
    if any(finding.severity == "error" for finding in findings):
        raise PackError(findings)
    return pack


def _with_line(finding: Finding, document: Document) -> Finding:
    parts = tuple(int(part) if part.isdigit() else part for part in finding.place.split("."))
    return Finding(finding.place, finding.problem, finding.remedy, document.line(parts), finding.severity)


def _schema_findings(document: Document) -> Iterator[Finding]:
    for error in _validator().iter_errors(document.data):
        path = tuple(error.instance_path)
        yield Finding(place(path), f"{_short(error.message)}.", _remedy(error, path), document.line(path))


def _short(message: str) -> str:
    return message if len(message) <= 200 else message[:120] + " ... " + message[-75:]


def _remedy(error: Any, path: tuple[str | int, ...]) -> str:
    word = str(error.schema_path[-1]) if error.schema_path else ""
    hints = {
        "required": "Add the missing key; docs/pack-format.md shows an example.",
        "additionalProperties": "Remove it or mend its spelling; docs/pack-format.md lists the keys.",
        "enum": "Use one of the values listed.",
        "minItems": "Add more entries.",
        "type": "Write a value of the type named.",
        "pattern": "Use small letters, digits and underscores, beginning with a letter.",
        "const": "Write 'domain-pack/1'.",
    }
    return hints.get(word, "Mend it as docs/pack-format.md shows" + (f" under {path[0]}." if path else "."))


def _pack(data: dict[str, Any]) -> Pack:
    return Pack(
        slug=data["slug"],
        name=data["name"],
        category=data["category"],
        description=data["description"],
        complexity=data["complexity"],
        caller=Caller(**data["caller"]),
        agent=data["agent"],
        policy=[Rule(rule=rule["rule"], check=rule.get("check"), refuse=rule.get("refuse", {})) for rule in data["policy"]],
        checks={name: _check(check) for name, check in data["checks"].items()},
        tables={name: _table(table) for name, table in data["tables"].items()},
        tools={tool["name"]: _tool(tool) for tool in data["tools"]},
        intents={intent["id"]: _intent(intent) for intent in data["intents"]},
        related=[Related(**related) for related in data.get("related", [])],
        seed=data.get("seed", ""),
        invariants=data.get("invariants", ""),
        helpers=data.get("helpers", ""),
    )


def _check(data: Any) -> Check:
    if isinstance(data, str):
        return Check(program=data)
    forms: dict[str, list[str]] = {form: [names] if isinstance(names, str) else names for form, names in data.items()}
    return Check(before=forms.get("before"), confirm=forms.get("confirm"), never=forms.get("never"))


def _table(data: dict[str, Any]) -> Table:
    rows = data.get("rows", 0)
    return Table(
        key=data["key"],
        columns={name: _column(column) for name, column in data["columns"].items()},
        rows=rows["literal"] if isinstance(rows, dict) else rows,
        unique=data.get("unique", []),
    )


def _column(data: dict[str, Any]) -> Column:
    make = data.get("make")
    ours = {key: data[key] for key in ("default", "compare") if key in data}
    return Column(
        schema={key: value for key, value in data.items() if key not in COLUMN_WORDS},
        make=make,
        ref=data.get("ref") or (make or {}).get("ref"),
        unique=bool(data.get("unique", False)) or bool((make or {}).get("unique", False)),
        **ours,
    )


def _tool(data: dict[str, Any]) -> Tool:
    return Tool(
        name=data["name"],
        description=data["description"],
        effect=data["effect"],
        parameters=data["parameters"],
        program=data.get("program", ""),
        returns=data.get("returns", {}),
        errors=[DeclaredError(**error) for error in data.get("errors", [])],
        confirm=data.get("confirm", False),
        kind="simulated" if data.get("kind") == "simulated" else msgspec.UNSET,
        reads=data.get("reads", msgspec.UNSET),
        writes=data.get("writes", msgspec.UNSET),
        side="user" if data.get("side") == "user" else msgspec.UNSET,
        asks=data.get("asks", msgspec.UNSET),
        asked_as=data.get("asked_as", msgspec.UNSET),
        reports=data.get("reports", msgspec.UNSET),
        words=data.get("words", msgspec.UNSET),
    )


def _gold(calls: list[dict[str, Any]]) -> list[GoldCall]:
    return [
        GoldCall(
            call=c["call"],
            args=c.get("args", {}),
            name=c.get("as"),
            each=c.get("each"),
            needs=c.get("needs", []),
            gives=c.get("gives", msgspec.UNSET),
        )
        for c in calls
    ]


def _intent(data: dict[str, Any]) -> Intent:
    preference = data.get("variations", {}).get("preference")
    return Intent(
        id=data["id"],
        bind=data["bind"],
        wants=data["wants"],
        complexity=data.get("complexity", 1),
        knows={key: _knowledge(fact) for key, fact in data.get("knows", {}).items()},
        gold=_gold(data.get("gold", [])),
        tells=[Telling(tell["fact"], tell.get("as", "text")) for tell in data.get("tells", [])],
        changes=data.get("changes", {}),
        undo=_gold(data.get("undo", [])),
        twins=Twins(**data["twins"]) if data.get("twins") else None,
        preference=_preference(preference) if preference else None,
        expect=data.get("expect", "complete"),
        breaks=str(data["breaks"]) if "breaks" in data else None,
        phrases={language: Phrases(**data["phrases"][language]) for language in LANGUAGES},
    )


def _knowledge(data: dict[str, Any]) -> Knowledge:
    return Knowledge(
        value=data["value"], kind=data.get("as", "text"), label=data["label"], asked_as=data["asked_as"], said=data.get("said", {})
    )


def _preference(data: dict[str, Any]) -> Preference:
    gold = _gold(data["gold"]) if "gold" in data else None
    return Preference(bind=data["bind"], hides=data["hides"], opening=data["opening"], gold=gold)
