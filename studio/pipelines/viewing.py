"""What the episode viewer shows: events of a log as entries, results inside their calls, the world at a step.

The page and the socket draw the same entries with the same templates (``templates/episodes``), so there is one place where text of
strangers becomes HTML.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from synthesis.models import Event

FOLD_BYTES = 4_000
FILE_BYTES = 256_000
"""Bodies above the first are collapsed, above the second only offered as a file."""
CELL_LENGTH = 300
MOST_ROWS = 50


class Body(NamedTuple):
    """A text to show: ``how`` is plain, folded or file; a file's text is not in the page."""

    text: str
    how: str
    size: int


class Cell(NamedTuple):
    """One column of a row: its value before and after, "" for none; ``changed`` when they differ."""

    column: str
    before: str
    after: str
    changed: bool


class Change(NamedTuple):
    """One row that a call changed. ``kind`` is inserted, updated or deleted; ``fresh`` marks the step that is looked at."""

    table: str
    key: str
    kind: str
    cells: list[Cell]
    fresh: bool = False


class Grid(NamedTuple):
    """A result that is rows of the same columns. ``more`` rows are not shown."""

    columns: list[str]
    rows: list[list[str]]
    more: int


class Result(NamedTuple):
    """What came back from a call."""

    seq: int
    call_id: str
    ok: bool
    code: str
    message: str
    body: Body
    grid: Grid | None
    record: list[tuple[str, str]]
    changes: list[Change]
    fault: str
    took_place: bool


@dataclass
class Card:
    """A call, and its result once it is there."""

    id: str
    name: str
    line: str
    arguments: list[tuple[str, str]]
    unknown: bool
    seq: int
    result: Result | None = None
    seconds: float | None = None


@dataclass
class Entry:
    """One article of the transcript. ``side`` is user, agent, tool or studio."""

    seq: int
    kind: str
    turn: int
    side: str
    head: str
    created: datetime
    body: Body
    reasoning: Body | None = None
    cards: list[Card] = field(default_factory=list)
    result: Result | None = None
    facts: list[tuple[str, str]] = field(default_factory=list)
    error: bool = False


def entries_of(events: Sequence[Event], tools: Sequence[str] | None = None, beyond: Sequence[Event] = ()) -> list[Entry]:
    """Events as entries in order; a result whose call is among them stands in its card instead.

    ``beyond`` are later results of calls among ``events``. ``tools`` are the names offered to the agent, if known.
    """
    entries: list[Entry] = []
    cards: dict[str, tuple[Card, Event]] = {}
    for event in [*events, *beyond]:
        if event.kind == "tool_result":
            card, asked = cards.get(event.call_id or "", (None, None))
            if card and asked and card.result is None:
                card.result = result_of(event)
                card.seconds = (event.created - asked.created).total_seconds()
                continue
        entry = entry_of(event, tools)
        entries.append(entry)
        cards.update({card.id: (card, event) for card in entry.cards})
    return entries


def entry_of(event: Event, tools: Sequence[str] | None = None) -> Entry:
    """One event as an entry."""
    payload: Mapping[str, Any] = event.payload
    entry = Entry(event.seq, event.kind, event.turn, "studio", event.head, event.created, body_of(""))
    if event.kind == "message":
        entry.side = "user" if payload.get("role") == "user" else "agent"
        entry.body = body_of(payload.get("text") or "")
        entry.reasoning = body_of(payload["reasoning"]) if payload.get("reasoning") else None
        entry.cards = [card_of(event.seq, call, tools) for call in payload.get("tool_calls") or []]
    elif event.kind == "tool_result":
        entry.side, entry.result = "tool", result_of(event)
        entry.error = not entry.result.ok
    elif event.kind == "episode_started":
        entry.facts = _opening(payload)
    elif event.kind == "episode_ended":
        entry.facts = [(name, _short(value)) for name, value in (payload.get("totals") or {}).items()]
        entry.error = payload.get("reason") not in {"user_done", "agent_done"}
    elif event.kind == "user_feedback":
        entry.side, entry.body = "user", body_of(str(payload.get("words") or ""))
    else:
        entry.facts = [(name, _short(value)) for name, value in payload.items()]
    return entry


def card_of(seq: int, call: Mapping[str, Any], tools: Sequence[str] | None) -> Card:
    """A call as a card."""
    arguments = call.get("arguments")
    rows = list(arguments.items()) if isinstance(arguments, dict) else [("", arguments)]
    pairs = [(str(name), _short(value, FOLD_BYTES)) for name, value in rows]
    line = ", ".join(f"{name}: {value}" if name else value for name, value in pairs)
    name = str(call.get("name", ""))
    return Card(str(call.get("id", "")), name, line[:160], pairs, tools is not None and name not in tools, seq)


def result_of(event: Event) -> Result:
    """A ``tool_result`` event as what came back."""
    payload: Mapping[str, Any] = event.payload
    error, value = payload.get("error"), payload.get("result")
    fault = payload.get("fault") or {}
    rows, record = _grid(value), _record(value)
    text = value if isinstance(value, str) else _json(value)
    return Result(
        seq=event.seq,
        call_id=event.call_id or "",
        ok=not error,
        code=str((error or {}).get("code", "")),
        message=str((error or {}).get("message", "")),
        body=body_of("" if error or rows or record else text),
        grid=rows,
        record=record,
        changes=[change_of(change) for change in payload.get("delta") or []],
        fault=str(fault.get("kind", "")) if fault else "",
        took_place=bool(fault.get("took_place")) if fault else False,
    )


def body_of(text: object) -> Body:
    """A text with the way its size allows it to be shown."""
    shown = str(text)
    size = len(shown.encode("utf-8", "replace"))
    how = "plain" if size <= FOLD_BYTES else "folded" if size <= FILE_BYTES else "file"
    return Body("" if how == "file" else shown, how, size)


def change_of(change: Mapping[str, Any], fresh: bool = False) -> Change:
    """A row of a delta, with the columns that changed (all of them where the row came or went)."""
    before, after = change.get("before"), change.get("after")
    kind = "inserted" if before is None else "deleted" if after is None else "updated"
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if kind != "updated" or old.get(name) != new.get(name)]
    cells = [
        Cell(name, _short(old[name]) if name in old else "", _short(new[name]) if name in new else "", old.get(name) != new.get(name))
        for name in names
    ]
    return Change(str(change["table"]), str(change["key"]), kind, cells, fresh)


def world_at(deltas: Sequence[tuple[int, Sequence[Mapping[str, Any]]]], seq: int) -> list[Change]:
    """Every row that differs from the start of the episode after the deltas ``(event number, changes)``; ``fresh`` where event ``seq``
    changed it.
    """
    first: dict[tuple[str, str], Any] = {}
    last: dict[tuple[str, str], Any] = {}
    fresh: set[tuple[str, str]] = set()
    for number, changes in deltas:
        for change in changes:
            key = (str(change["table"]), str(change["key"]))
            first.setdefault(key, change.get("before"))
            last[key] = change.get("after")
            if number == seq:
                fresh.add(key)
    return [
        change_of({"table": key[0], "key": key[1], "before": first[key], "after": last[key]}, key in fresh)
        for key in sorted(last)
        if first[key] != last[key] or key in fresh
    ]


def raw_of(event: Event) -> Body:
    """An event's payload as JSON text."""
    return body_of(_json(event.payload))


def whole(event: Event) -> str:
    """An event's payload as JSON text, however large."""
    return _json(event.payload)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _short(value: object, length: int = CELL_LENGTH) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= length else text[:length] + "…"


def _record(value: object) -> list[tuple[str, str]]:
    """A flat result as names and values; none for anything else."""
    if not isinstance(value, dict) or len(value) > MOST_ROWS or any(isinstance(part, list) for part in value.values()):
        return []
    return [(str(name), _short(part)) for name, part in value.items()]


def _grid(value: object) -> Grid | None:
    """A result that is, or holds alone, a list of records."""
    if isinstance(value, dict) and len(value) == 1:
        [value] = value.values()
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        return None
    columns = list(dict.fromkeys(str(name) for row in value[:MOST_ROWS] for name in row))[:20]
    rows = [[_short(row[name]) if name in row else "" for name in columns] for row in value[:MOST_ROWS]]
    return Grid(columns, rows, max(0, len(value) - MOST_ROWS))


def _opening(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    cast = payload.get("cast") or {}
    persona, agent = cast.get("persona") or {}, cast.get("agent") or {}
    facts = [
        ("persona", persona.get("name")),
        ("language", persona.get("language")),
        ("agent", agent.get("role")),
        ("variation", payload.get("variation")),
        ("tools", ", ".join(map(str, payload.get("tools") or []))),
    ]
    return [(name, _short(value, 2000)) for name, value in facts if value]


class Shape(NamedTuple):
    """A value as it is best shown: as rows, as names and values, or (when both are empty) as text."""

    grid: Grid | None
    record: list[tuple[str, str]]
    body: Body


def shape_of(value: object) -> Shape:
    """How to show a value, such as a call's result."""
    rows, record = _grid(value), _record(value)
    return Shape(rows, record, body_of("" if rows or record else value if isinstance(value, str) else _json(value)))
