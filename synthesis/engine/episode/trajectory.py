"""The trajectory: a typed fold over an episode's log, as messages with calls and their results.

A fold never fails on a log that is wrong; what is wrong with it is listed in ``problems``, so that a damaged episode can still be read
and refused.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import CallRecord, was_executed
from synthesis.engine.faults.plan import is_spoilt
from synthesis.engine.tools import Requestor, ToolCall, ToolOutcome


class Call(msgspec.Struct, frozen=True):
    """A call with its result. ``seq`` is its message's event, ``result_seq`` its result's (None while there is none); ``position`` counts
    calls from 0.
    """

    seq: int
    turn: int
    position: int
    id: str
    name: str
    arguments: dict[str, Any]
    result_seq: int | None = None
    outcome: ToolOutcome | None = None
    requestor: Requestor = "agent"

    @property
    def ok(self) -> bool:
        """Whether the caller saw it succeed with a whole result: one that a read fault spoilt is no success."""
        return self.outcome is not None and self.outcome.ok and not is_spoilt(self.outcome.result)

    @property
    def faulted(self) -> bool:
        """Whether the fault plan struck it."""
        return self.outcome is not None and self.outcome.fault is not None

    @property
    def wrote(self) -> bool:
        """Whether it changed a row, seen or not."""
        return self.outcome is not None and bool(self.outcome.delta)

    @property
    def simulated(self) -> bool:
        """Whether a model answered it instead of a program."""
        return self.outcome is not None and self.outcome.simulation is not None

    @property
    def transfer(self) -> bool:
        """Whether it asked for the conversation to be handed over; one that was refused is one, too."""
        return self.outcome is not None and "to" in (self.outcome.handoff or {})

    @property
    def took_effect(self) -> bool:
        """Whether it really happened: it succeeded, or a fault hid that it did."""
        return self.ok or (self.faulted and bool((self.outcome.fault or {}).get("took_place")) if self.outcome else False)


class Message(msgspec.Struct, frozen=True):
    """What one seat said in one event. ``role`` is ``user`` or ``agent``; an agent's message may carry calls, a user's that carries some
    says nothing.
    """

    seq: int
    turn: int
    role: str
    text: str
    calls: list[Call] = []
    reasoning: str | None = None
    done: bool = False


class Trajectory(msgspec.Struct, frozen=True):
    """An episode's log, read. ``opening`` is the payload of ``episode_started``; ``reason`` is None while the episode has not ended.
    ``calls`` are the agent's to tools, ``user_calls`` those that the user made on its own side; ``transfers`` those that asked for the
    conversation to be handed over. Messages hold all of them.
    """

    opening: dict[str, Any]
    messages: list[Message]
    calls: list[Call]
    feedback: dict[str, Any] | None
    notes: list[dict[str, Any]]
    reason: str | None
    digest: str
    last_seq: int
    problems: list[str]
    transfers: list[Call] = []
    user_calls: list[Call] = []

    @property
    def all_calls(self) -> list[Call]:
        """The calls of both sides to tools, in the order in which they were made."""
        return sorted([*self.calls, *self.user_calls], key=lambda call: call.position)

    def said_by(self, role: str) -> list[Message]:
        """The messages of one seat, in order."""
        return [message for message in self.messages if message.role == role]


class _Fold:
    def __init__(self) -> None:
        self.opening: dict[str, Any] = {}
        self.heads: list[tuple[Event, list[str]]] = []
        self.calls: dict[str, Call] = {}
        self.feedback: dict[str, Any] | None = None
        self.notes: list[dict[str, Any]] = []
        self.reason: str | None = None
        self.digest = ""
        self.last_seq = -1
        self.problems: list[str] = []

    def take(self, event: Event) -> None:
        if event.seq != self.last_seq + 1:
            self.problems.append(f"event {event.seq} follows event {self.last_seq}")
        if self.reason is not None:
            self.problems.append(f"event {event.seq} comes after the end")
        self.last_seq = event.seq
        if event.kind == "episode_started":
            self.opening = event.payload
        elif event.kind == "message":
            self._message(event)
        elif event.kind == "tool_result":
            self._result(event)
        elif event.kind == "user_feedback":
            self.feedback = event.payload
        elif event.kind == "note":
            self.notes.append(event.payload)
        elif event.kind == "episode_ended":
            self.reason, self.digest = event.payload["reason"], event.payload.get("digest", "")

    def _message(self, event: Event) -> None:
        waiting = [call.id for call in self.calls.values() if call.outcome is None]
        if waiting:
            self.problems.append(f"message {event.seq} comes before the results of {', '.join(waiting)}")
        ids = []
        for raw in event.payload.get("tool_calls", []):
            if raw["id"] in self.calls:
                self.problems.append(f"call id {raw['id']} is used twice")
                continue
            who = event.payload["role"]
            self.calls[raw["id"]] = Call(event.seq, event.turn, len(self.calls), raw["id"], raw["name"], raw["arguments"], requestor=who)
            ids.append(raw["id"])
        self.heads.append((event, ids))

    def _result(self, event: Event) -> None:
        payload = event.payload
        call = self.calls.get(payload["call_id"])
        if call is None or call.outcome is not None:
            self.problems.append(f"result {event.seq} has no open call {payload['call_id']}")
            return
        raw: dict[str, Any] = {k: payload[k] for k in ("result", "error", "delta", "fault", "digest", "handoff") if k in payload}
        if payload.get("simulated"):
            raw["simulation"] = {k: payload[k] for k in ("notes", "usage", "repaired", "problem") if k in payload}
        outcome = msgspec.convert(raw, ToolOutcome)
        self.calls[call.id] = msgspec.structs.replace(call, result_seq=event.seq, outcome=outcome)

    def trajectory(self) -> Trajectory:
        open_calls = [call.id for call in self.calls.values() if call.outcome is None]
        problems = self.problems + [f"call {call} has no result" for call in open_calls]
        messages = [self._read(event, ids) for event, ids in self.heads]
        calls = [call for call in self.calls.values() if not call.transfer and call.requestor == "agent"]
        own = [call for call in self.calls.values() if call.requestor == "user"]
        transfers = [call for call in self.calls.values() if call.transfer]
        return Trajectory(
            self.opening, messages, calls, self.feedback, self.notes, self.reason, self.digest, self.last_seq, problems, transfers, own
        )

    def _read(self, event: Event, ids: list[str]) -> Message:
        payload = event.payload
        calls = [self.calls[call] for call in ids]
        done = bool(payload.get("done"))
        return Message(event.seq, event.turn, payload["role"], payload.get("text") or "", calls, payload.get("reasoning"), done)


def read_trajectory(events: Iterable[Event]) -> Trajectory:
    """Fold a log, whole or not, in order of ``seq``."""
    fold = _Fold()
    for event in events:
        fold.take(event)
    return fold.trajectory()


def call_records(trajectory: Trajectory) -> list[CallRecord]:
    """The calls of both sides that the world answered, for refolding and verification."""
    return [
        CallRecord(ToolCall(c.id, c.name, c.arguments), c.outcome, was_executed(c.outcome), c.requestor)
        for c in trajectory.all_calls
        if c.outcome is not None and c.outcome.handoff is None
    ]
