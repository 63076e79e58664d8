"""A trajectory as a script: what was said and called, which can be changed and performed again in a fresh world."""

from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event, Kind, clip
from synthesis.engine.episode.play import handoff_draft, result_head, result_payload
from synthesis.engine.episode.ports import Environment, Handovers
from synthesis.engine.tools import Requestor, ToolCall


class Line(msgspec.Struct, frozen=True):
    """One message or note as it stands in a log, its calls apart. ``seq`` is its event in the log it was read from, -1 for a new one."""

    kind: Kind
    payload: dict[str, Any]
    calls: list[ToolCall] = []
    seq: int = -1

    @property
    def role(self) -> str:
        """``user`` or ``agent``; "" for what nobody said."""
        return str(self.payload.get("role", ""))

    @property
    def text(self) -> str:
        """What was said."""
        return str(self.payload.get("text") or "")


class Script(msgspec.Struct, frozen=True):
    """A whole trajectory: how it opened, its lines, what the user said of it at the end, and why it ended."""

    opening: Event
    lines: list[Line]
    feedback: dict[str, Any] | None
    reason: str


def script_of(log: Sequence[Event]) -> Script:
    """Read a finished log. Who has the conversation follows from transfers, so it is not part of the script."""
    lines = [_line(event) for event in log if event.kind in {"message", "note"}]
    feedback = next((event.payload for event in log if event.kind == "user_feedback"), None)
    reason = next((str(event.payload["reason"]) for event in log if event.kind == "episode_ended"), "user_done")
    return Script(log[0], lines, feedback, reason)


def _line(event: Event) -> Line:
    calls = [msgspec.convert(call, ToolCall) for call in event.payload.get("tool_calls", [])]
    return Line(event.kind, {key: value for key, value in event.payload.items() if key != "tool_calls"}, calls, event.seq)


class _Pen:
    def __init__(self, team: Handovers | None) -> None:
        self.events: list[Event] = []
        self.turn, self.team = 0, team

    def write(self, kind: Kind, head: str, payload: dict[str, Any], call_id: str | None = None) -> None:
        self.events.append(Event(len(self.events), kind, self.turn, clip(head), payload, call_id))
        if self.team:
            self.team.observe(self.events[-1])


async def perform(script: Script, environment: Environment, team: Handovers | None = None) -> list[Event]:
    """Perform a script: calls are executed for real, and what came back is written in place of what once did.

    A script that nobody changed gives its own log again. ``team`` answers what is a team's business.
    """
    pen, calls, between = _Pen(team), 0, False
    pen.write("episode_started", script.opening.head, script.opening.payload)
    digest = str(script.opening.payload.get("digest", ""))
    for line in script.lines:
        pen.turn += line.kind == "message" and line.role == "user" and not between
        between = line.role == "user" and bool(line.calls) if line.kind == "message" else between
        _write_line(pen, line)
        for call in line.calls:
            who: Requestor = "user" if line.role == "user" else "agent"
            ours = team.answer(call, digest) if team and who == "agent" else None
            outcome = ours or await environment.call(call, who)
            digest, calls = outcome.digest, calls + 1
            pen.write("tool_result", result_head(call, outcome), result_payload(call, outcome, who), call.id)
            if outcome.handoff and outcome.ok:
                pen.write(*handoff_draft(outcome.handoff, call.id))
    if script.feedback:
        pen.write("user_feedback", f"{script.feedback['rating']}/5 {script.feedback['words']}", script.feedback)
    totals = {"turns": pen.turn, "calls": calls}
    pen.write("episode_ended", script.reason, {"reason": script.reason, "digest": digest, "totals": totals})
    return pen.events


def _write_line(pen: _Pen, line: Line) -> None:
    payload = dict(line.payload)
    if line.calls:
        payload["tool_calls"] = [msgspec.to_builtins(call) for call in line.calls]
    names = ", ".join(call.name for call in line.calls)
    head = f"{line.text} [{names}]".strip() if names else line.text
    pen.write(line.kind, head or str(payload.get("what", line.kind)), payload)
