"""What the episode viewer shows: events of a log as entries, results inside their calls, entries by turn.

The page and the socket draw the same entries with the same templates (``templates/episodes``), so there is one place where text of
strangers becomes HTML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from studio.pipelines.model_names import payload_seen
from studio.pipelines.value_view import FOLD_BYTES, Body, Grid, body_of, grid_of, record_of, whole_json
from studio.pipelines.world_view import Change, change_of, short
from synthesis.engine.episode.events import clip
from synthesis.engine.world.values import validator_of
from synthesis.models import Event

MOST_PROBLEMS = 5
SPOKEN = frozenset({"message", "tool_result", "handoff", "user_feedback", "episode_ended"})
"""Kinds of events that reviewers read; the opening and notes tell of the cast and of what the studio did."""
GOOD_ENDS = frozenset({"user_done", "agent_done"})


class Result(NamedTuple):
    """What came back from a call.

    Of one that a model answered: ``repaired`` is what was wrong with its first answer, ``problem`` with both, ``notes`` what it set.
    """

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
    simulated: bool = False
    repaired: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


class Argument(NamedTuple):
    """One argument of a call; ``wrong`` says why it does not fit the tool's parameters, "" when it does."""

    name: str
    value: str
    wrong: str


@dataclass
class Card:
    """A call, and its result once it is there. ``wrong`` is what the tool's parameters say against the arguments as a whole; ``domain``
    whose tool it is, where several domains serve.
    """

    id: str
    name: str
    line: str
    arguments: list[Argument]
    wrong: list[str]
    unknown: bool
    seq: int
    own: bool = False
    """Whether it is the user's, on its own side."""
    result: Result | None = None
    seconds: float | None = None
    marks: Sequence[str] = ()
    domain: str = ""


@dataclass
class Entry:
    """One article of the transcript. ``side`` is user, agent, tool or studio; ``line`` is what the outline says of it; ``marks`` are the
    broken checks whose evidence it is.
    """

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
    line: str = ""
    marks: Sequence[str] = ()


class Turn(NamedTuple):
    """The entries of one turn."""

    number: int
    entries: list[Entry]


class Toolbox:
    """The tools that an episode's agent was offered, and those of the user's ``own`` side.

    ``names`` is None before the episode has begun; ``schemas`` are the parameters of those whose release is known, by the offered name;
    ``domains`` theirs, where several serve.
    """

    def __init__(
        self,
        names: Sequence[str] | None = None,
        own: Sequence[str] | None = None,
        schemas: Mapping[str, Mapping[str, Any]] | None = None,
        domains: Mapping[str, str] | None = None,
    ) -> None:
        self.names = None if names is None else frozenset(names)
        self.own = None if own is None else frozenset(own)
        self.schemas, self.domains = schemas or {}, domains or {}
        self._validators: dict[str, Any] = {}

    def unknown(self, name: str, *, own: bool) -> bool:
        """Whether its caller, the agent or the user on its ``own`` side, never had this tool."""
        names = self.own if own else self.names
        return names is not None and name not in names

    def problems(self, name: str, arguments: object) -> list[tuple[str, str]]:
        """What the tool's parameters say against ``arguments``: (argument or "" for the whole, why), the first few."""
        if name not in self.schemas:
            return []
        if name not in self._validators:
            self._validators[name] = validator_of(dict(self.schemas[name]))
        found = []
        for error in self._validators[name].iter_errors(arguments):
            found.append((str(error.instance_path[0]) if error.instance_path else "", short(str(error.message))))
            if len(found) == MOST_PROBLEMS:
                break
        return found


NO_TOOLBOX = Toolbox()


def entries_of(
    events: Sequence[Event],
    tools: Toolbox = NO_TOOLBOX,
    beyond: Sequence[Event] = (),
    evidence: Mapping[int, Sequence[str]] | None = None,
) -> list[Entry]:
    """Events as entries in order; a result whose call is among them stands in its card instead.

    ``beyond`` are later results of calls among ``events``; ``evidence`` maps event numbers to the broken checks that point there.
    """
    marks = evidence or {}
    entries: list[Entry] = []
    open_cards: dict[str, list[tuple[Card, Event]]] = {}
    for event in [*events, *beyond]:
        if event.kind == "tool_result" and (waiting := open_cards.get(event.call_id or "")):
            # The first that waits: a log may use one id twice.
            card, asked = waiting.pop(0)
            card.result = result_of(event)
            card.seconds = (event.created - asked.created).total_seconds()
            card.marks = marks.get(event.seq, ())
            continue
        entry = entry_of(event, tools)
        entry.marks = marks.get(event.seq, ())
        entries.append(entry)
        for card in entry.cards:
            open_cards.setdefault(card.id, []).append((card, event))
    return entries


def turns_of(entries: Sequence[Entry]) -> list[Turn]:
    """Entries by turn, in order."""
    turns: list[Turn] = []
    for entry in entries:
        if not turns or turns[-1].number != entry.turn:
            turns.append(Turn(entry.turn, []))
        turns[-1].entries.append(entry)
    return turns


def entry_of(event: Event, tools: Toolbox = NO_TOOLBOX) -> Entry:
    """One event as an entry."""
    payload: Mapping[str, Any] = event.payload
    entry = Entry(event.seq, event.kind, event.turn, "studio", event.head, event.created, body_of(""), line=event.head)
    if event.kind == "message":
        entry.side = "user" if payload.get("role") == "user" else "agent"
        entry.line = clip(str(payload.get("text") or "")[:1000])
        entry.body = body_of(payload.get("text") or "")
        entry.reasoning = body_of(payload["reasoning"]) if payload.get("reasoning") else None
        entry.cards = [card_of(event.seq, call, tools, own=entry.side == "user") for call in payload.get("tool_calls") or []]
    elif event.kind == "tool_result":
        entry.side, entry.result = "tool", result_of(event)
        entry.error = not entry.result.ok
    elif event.kind == "episode_started":
        entry.facts = _opening(payload)
    elif event.kind == "episode_ended":
        entry.facts = [(name, short(value)) for name, value in (payload.get("totals") or {}).items()]
        entry.error = payload.get("reason") not in GOOD_ENDS
    elif event.kind == "user_feedback":
        entry.side, entry.body = "user", body_of(str(payload.get("words") or ""))
    elif event.kind == "note" and payload.get("what") == "fork":
        entry.facts = _forked(payload)
    else:
        entry.facts = [(name, short(value)) for name, value in payload.items()]
    return entry


def card_of(seq: int, call: Mapping[str, Any], tools: Toolbox = NO_TOOLBOX, *, own: bool = False) -> Card:
    """A call as a card; ``own``: one that the user makes on its own side."""
    name, given = str(call.get("name", "")), call.get("arguments")
    problems = tools.problems(name, given)
    wrong = dict(reversed(problems))
    rows = list(given.items()) if isinstance(given, dict) else [("", given)]
    arguments = [Argument(str(key), short(value, FOLD_BYTES), wrong.pop(str(key), "") if key else "") for key, value in rows]
    line = ", ".join(f"{argument.name}: {argument.value}" if argument.name else argument.value for argument in arguments)
    shown = {argument.name for argument in arguments if argument.wrong}
    whole = [why for place, why in problems if place not in shown]
    unknown, domain = tools.unknown(name, own=own), tools.domains.get(name, "")
    return Card(str(call.get("id", "")), name, line[:160], arguments, whole, unknown, seq, own, domain=domain)


def result_of(event: Event) -> Result:
    """A ``tool_result`` event as what came back."""
    payload: Mapping[str, Any] = event.payload
    error, value = payload.get("error"), payload.get("result")
    fault = payload.get("fault") or {}
    rows, record = grid_of(value), record_of(value)
    text = value if isinstance(value, str) else whole_json(value)
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
        simulated=bool(payload.get("simulated")),
        repaired=str(payload.get("repaired") or ""),
        problem=str(payload.get("problem") or ""),
        notes=tuple(map(str, payload.get("notes") or [])),
    )


def raw_of(event: Event, *, names: bool) -> Body:
    """An event's payload as JSON text; ``names`` as in ``model_names``."""
    return body_of(whole(event, names=names))


def whole(event: Event, *, names: bool) -> str:
    """An event's payload as JSON text, however large."""
    return whole_json(payload_seen(event.payload, names=names))


def _opening(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    cast = payload.get("cast") or {}
    persona, agent = cast.get("persona") or {}, cast.get("agent") or {}
    facts = [
        ("persona", persona.get("name")),
        ("language", persona.get("language")),
        ("agent", agent.get("role")),
        ("team", "; ".join(str(one.get("role")) for one in cast.get("team") or [])),
        ("variation", payload.get("variation")),
        ("tools", ", ".join(map(str, payload.get("tools") or []))),
        ("user's tools", ", ".join(map(str, payload.get("user_tools") or []))),
    ]
    return [(name, short(value, 2000)) for name, value in facts if value]


def _forked(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who goes on after a fork, and with which faults."""
    cast, faults = payload.get("cast") or {}, payload.get("faults") or {}
    agent, persona = cast.get("agent") or {}, cast.get("persona") or {}
    facts = [
        ("agent", " · ".join(str(agent[part]) for part in ("slug", "role", "tone") if agent.get(part))),
        ("persona", persona.get("name")),
        ("by hand", ", ".join(str(seat) for seat, who in (cast.get("seats") or {}).items() if who == "person")),
        ("faults", "" if faults.get("how") == "keep" else " ".join(str(part) for part in faults.values() if part)),
    ]
    return [(name, short(value)) for name, value in facts if value]
