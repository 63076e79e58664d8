"""A simulated tool, played competently: a tool with a program by running the program on the rows that the question shows, one without by
looking its words up in them.

Options in the model's name: ``contradict=0.3`` and ``misfit=0.3`` are the shares of calls whose first answer contradicts the tables or
breaks the schema; with ``stubborn`` the second answer is no better. Which calls those are follows from the question.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.rows import BaseWorld
from synthesis.engine.world.state import State
from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import Message, Question
from tests.fakes.model_server.voices.forms import instance_of
from tests.fakes.model_server.worlds_known import machine_of, pack_of

MOST_HITS = 5


def says(question: Question, play: Play | None) -> Message:
    """The answer to one call as JSON text."""
    asked = _asked(question)
    if asked is None:
        return _told(instance_of(question.schema or {"type": "object"}))
    answer = _answer(question, asked, play)
    return _told(_spoilt(question, asked, answer))


def _told(value: Any) -> Message:
    return {"content": msgspec.json.encode(value).decode()}


def _asked(question: Question) -> dict[str, Any] | None:
    """The document of a question to a simulator, or None where it is of another kind."""
    for message in question.messages:
        if message["role"] == "user":
            try:
                document = msgspec.json.decode(message["content"])
            except msgspec.DecodeError:
                return None
            return document if isinstance(document, dict) and {"call", "tables"} <= set(document) else None
    return None


def _answer(question: Question, asked: dict[str, Any], play: Play | None) -> dict[str, Any]:
    """What a faithful back end answers."""
    call = asked["call"]
    pack = next((p for p in play.packs.values() if call["tool"] in p.tools), None) if play else None
    pack = pack or pack_of(call["tool"], frozenset(asked["tables"]))
    if pack is not None and not pack.tools[call["tool"]].simulated:
        known = _run(pack, pack.tools[call["tool"]], asked)
        if known is not None:
            return known
    schema = ((question.schema or {}).get("properties") or {}).get("result") or {}
    return _looked_up(asked, schema, _codes(question))


def _run(pack: Pack, tool: Tool, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The program's result on a world that holds the rows shown and nothing else; None where it crashes for want of the others."""
    machine = machine_of(pack)
    rows = {name: [(row[table["key"]], row) for row in table["rows"]] for name, table in asked["tables"].items()}
    world = BaseWorld(pack.digest, 0, asked["now"], {name: rows.get(name, []) for name in pack.tables}, _counters(pack, asked))
    result = machine.call(State(world, machine.tables), tool.name, asked["call"]["arguments"])
    if result.crash:
        return None
    if result.error:
        return {"error": {"code": result.error.code, "message": result.error.message}, "notes": []}
    return {"result": result.result, "delta": edits(result.delta), "notes": []}


def _counters(pack: Pack, asked: Mapping[str, Any]) -> dict[str, int]:
    """How far each series has come, from the free keys."""
    counters = {}
    for name, table in asked["tables"].items():
        if table["free_keys"]:
            digits = re.findall(r"\d+", table["free_keys"][0])
            counters[name] = int(digits[-1]) - 1 if digits else 0
    return counters


def edits(delta: list[RowChange]) -> dict[str, Any]:
    """A delta as a simulator writes it."""
    return {
        "insert": [{"table": change.table, "row": change.after} for change in delta if change.before is None],
        "update": [{"table": c.table, "key": c.key, "set": _changed(c)} for c in delta if c.before is not None and c.after is not None],
        "delete": [{"table": change.table, "key": change.key} for change in delta if change.after is None],
    }


def _changed(change: RowChange) -> dict[str, Any]:
    before, after = change.before or {}, change.after or {}
    return {name: value for name, value in after.items() if before.get(name) != value}


def _codes(question: Question) -> list[str]:
    """The errors that may be given, by the form of the answer."""
    error = (((question.schema or {}).get("properties") or {}).get("error") or {}).get("anyOf") or [{}]
    return list(((error[0].get("properties") or {}).get("code") or {}).get("enum") or [])


def _looked_up(asked: dict[str, Any], schema: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    """Rows that share a word with the arguments, in the form of the result; the first error where there is none."""
    words = _words(asked["call"]["arguments"])
    hits = [(len(words & _words(row)), row, table) for table in asked["tables"].values() for row in table["rows"] if words & _words(row)]
    hits.sort(key=lambda hit: (-hit[0], str(hit[1].get(hit[2]["key"]))))
    if not hits and codes:
        return {"error": {"code": codes[0], "message": "Nothing fits."}, "notes": []}
    several = schema.get("type") == "array"
    form = schema.get("items", {}) if several else schema
    made = [_in_form(row, form) for _, row, _ in hits[:MOST_HITS]] or ([] if several else [instance_of(form)])
    answer: dict[str, Any] = {"result": made if several else made[0], "notes": [f"Looked up {' '.join(sorted(words))[:80]}."]}
    if changed := _written(asked, hits):
        answer["delta"] = {"update": changed}
    return answer


def _in_form(row: dict[str, Any], form: dict[str, Any]) -> Any:
    """A row as a result of this form: its own values where the names agree, plain ones for what else must be there."""
    properties = form.get("properties") or {}
    plain = instance_of(form) if form.get("type") == "object" else {}
    kept = {name: row[name] for name in (properties or row) if name in row}
    return {**{name: value for name, value in plain.items() if name in form.get("required", [])}, **kept}


def _written(asked: dict[str, Any], hits: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a call that writes changes: of the row that it names, a text column that no argument is called like takes the text."""
    arguments = asked["call"]["arguments"]
    for name, table in asked["tables"].items():
        named = [row for _, row, where in hits if where is table and row[table["key"]] in arguments.values()]
        texts = [value for key, value in arguments.items() if isinstance(value, str) and value not in {row[table["key"]] for row in named}]
        columns = [c for c, form in table["columns"].items() if form.get("type") == "string" and not form.get("enum") and c == "note"]
        if table["writable"] and named and texts and columns:
            return [{"table": name, "key": named[0][table["key"]], "set": {columns[0]: texts[-1]}}]
    return []


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_words(item) for item in value.values()), set())
    if isinstance(value, list):
        return set().union(*(_words(item) for item in value), set())
    return {word for word in re.findall(r"[\w-]+", value.casefold()) if len(word) > 2} if isinstance(value, str) else set()


def _spoilt(question: Question, asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with the fault that the options ask for."""
    again = any("cannot be used" in str(message.get("content")) for message in question.messages[2:])
    if again and not question.ways.get("stubborn"):
        return answer
    drawn = int(hashlib.sha256(msgspec.json.encode([asked["call"], len(asked["earlier"])])).hexdigest()[:8], 16) / 2**32
    if drawn < question.number("misfit"):
        return {"result": {"not": ["what", "was", "asked"]}, "delta": {"delete": [{"table": "nowhere", "key": "0"}]}, "notes": []}
    if drawn < question.number("misfit") + question.number("contradict"):
        return _contradicting(asked, answer)
    return answer


def _contradicting(asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """An answer in which one value of a row is another than the table's: the number or text beside its key."""

    def bent(value: Any) -> Any:
        if isinstance(value, list):
            return [bent(item) for item in value]
        if not isinstance(value, dict):
            return value
        keys = {table["key"]: name for name, table in asked["tables"].items()}
        if not set(keys) & set(value):
            return {name: bent(item) for name, item in value.items()}
        for name, item in value.items():
            columns = {column for table in asked["tables"].values() if table["key"] in value for column in table["columns"]}
            if name in columns and name not in keys and isinstance(item, int) and not isinstance(item, bool):
                return {**value, name: item + 1}
        return value

    return {**answer, "result": bent(answer["result"])} if "result" in answer else answer
