"""The episode loop: user speaks, agent answers or calls tools, environment executes, until an end.

The loop knows only the ports. Every step is appended to the log before the next one is taken, so an episode resumes from its log:
give the stored events as ``past`` and the loop goes on where it stopped, calls without results included.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.chat.errors import ChatError
from synthesis.engine.episode.events import EndReason, Event, Kind, clip
from synthesis.engine.episode.ports import Clock, Environment, Handovers, Limits, Log
from synthesis.engine.episode.seats import Agent, AgentMove, User, UserMove
from synthesis.engine.tools import Requestor, ToolCall, ToolOutcome


class Outcome(msgspec.Struct, frozen=True):
    """How an episode ended. ``slip`` is the truth about a slip seen in this play (kept aside from the log), or None."""

    reason: EndReason
    turns: int
    calls: int
    digest: str
    slip: dict[str, Any] | None = None


Draft = tuple[Kind, str, dict[str, Any], str | None]
"""An event before it has its number: kind, head, payload, call id."""


class Player:
    """Plays one episode over its seats. Use ``play``."""

    def __init__(
        self,
        user: User,
        agent: Agent,
        environment: Environment,
        log: Log,
        limits: Limits,
        clock: Clock,
        team: Handovers | None = None,
    ) -> None:
        self.user, self.agent, self.environment, self.log, self.team = user, agent, environment, log, team
        self.limits, self.clock = limits, clock
        self.seq = self.turn = self.calls = 0
        self.tokens = self.cost = 0
        self.waited = 0.0
        self.digest = ""
        self.pending: list[ToolCall] = []
        self.next_seat: Requestor = "user"
        self.caller: Requestor = "agent"
        self.ended: EndReason | None = None
        self.closing: EndReason | None = None
        self.feedback: dict[str, Any] | None = None
        self.slip: dict[str, Any] | None = None
        self.untold: Draft | None = None
        self.started_at = clock()

    def fold(self, event: Event) -> None:
        """Take one event into account: the loop's own state and both seats'."""
        self.seq, self.turn = event.seq + 1, event.turn
        self._count(event.payload.get("usage") or {})
        if event.kind == "message":
            self._fold_message(event)
        elif event.kind == "tool_result":
            self.pending = [call for call in self.pending if call.id != event.call_id]
            self.digest = event.payload["digest"]
            if event.payload.get("handoff") and not event.payload.get("error"):
                self.untold = handoff_draft(event.payload["handoff"], str(event.call_id))
        elif event.kind == "handoff":
            self.untold = None
        elif event.kind == "user_feedback":
            self.feedback = None
        elif event.kind == "episode_ended":
            self.ended = event.payload["reason"]
        self.user.observe(event)
        self.agent.observe(event)
        if self.team:
            self.team.observe(event)

    def _fold_message(self, event: Event) -> None:
        payload = event.payload
        self.caller = payload["role"]
        self.pending = [msgspec.convert(call, ToolCall) for call in payload.get("tool_calls", [])]
        self.calls += len(self.pending)
        other: Requestor = "agent" if self.caller == "user" else "user"
        self.next_seat = self.caller if self.pending else other
        if not payload.get("done"):
            return
        self.closing = "user_done" if self.caller == "user" else "agent_done"
        if self.caller == "user":
            self.feedback = payload.get("feedback")

    def _count(self, usage: dict[str, Any]) -> None:
        self.tokens += usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
        self.cost += usage.get("cost", 0)
        self.waited += usage.get("seconds", 0.0)

    async def write(self, *drafts: Draft) -> None:
        """Append events and fold them."""
        events = [
            Event(seq=self.seq + i, kind=kind, turn=self.turn, head=clip(head), payload=payload, call_id=call_id)
            for i, (kind, head, payload, call_id) in enumerate(drafts)
        ]
        await self.log.append(events)
        for event in events:
            self.fold(event)

    async def run(self) -> Outcome:
        """Take steps until the episode has ended."""
        while self.ended is None:
            if self.untold:  # a fork may begin between a transfer's result and the event that tells of it
                await self.write(self.untold)
            elif self.closing:
                await self._end(self.closing)
            elif self.pending:
                await self._execute()
            elif limit := self._limit():
                await self.write(("note", f"limit reached: {limit}", {"what": "limit", "limit": limit}, None))
                await self._end(limit)
            elif self.next_seat == "user":
                await self._user()
            else:
                await self._agent()
        return Outcome(self.ended, self.turn, self.calls, self.digest, self.slip)

    @property
    def begins_turn(self) -> bool:
        """Whether the next message begins a turn: who used a tool of their own and now tells of it is still in the same one."""
        return self.next_seat == "user" and self.caller == "agent"

    def _limit(self) -> EndReason | None:
        if self.turn >= self.limits.max_turns and self.begins_turn:
            return "max_turns"
        if self.calls >= self.limits.max_calls:
            return "max_calls"
        if self.limits.wall_seconds and self.clock() - self.started_at > self.limits.wall_seconds:
            return "wall_time"
        if self.limits.max_tokens and self.tokens >= self.limits.max_tokens:
            return "max_tokens"
        if self.limits.max_cost and self.cost >= self.limits.max_cost:
            return "max_cost"
        return None

    async def _user(self) -> None:
        move = await self.user.act()
        self.turn += self.begins_turn
        await self.write(user_draft(move))

    async def _agent(self) -> None:
        move = await self.agent.act()
        self.slip = move.slip or self.slip
        await self.write(agent_draft(move))

    async def _execute(self) -> None:
        """Execute the calls that have no result yet; their results are appended together.

        A call for which nobody can be asked just now leaves the results of those before it in the log: they are paid for.
        """
        drafts: list[Draft] = []
        stuck: ChatError | None = None
        for call in self.pending:
            try:
                outcome = await self._outcome(call)
            except ChatError as error:
                stuck = error
                break
            drafts.append(("tool_result", result_head(call, outcome), result_payload(call, outcome, self.caller), call.id))
            if outcome.handoff and outcome.ok:
                drafts.append(handoff_draft(outcome.handoff, call.id))
        if drafts:
            await self.write(*drafts)
        if stuck:
            raise stuck

    async def _outcome(self, call: ToolCall) -> ToolOutcome:
        """What the team says of a call, or else the world."""
        ours = self.team.answer(call, self.digest) if self.team and self.caller == "agent" else None
        return ours or await self.environment.call(call, self.caller)

    async def _end(self, reason: EndReason) -> None:
        drafts: list[Draft] = []
        if self.feedback:
            drafts.append(("user_feedback", f"{self.feedback['rating']}/5 {self.feedback['words']}", self.feedback, None))
        totals = {"turns": self.turn, "calls": self.calls}
        drafts.append(("episode_ended", reason, {"reason": reason, "digest": self.digest, "totals": totals}, None))
        await self.write(*drafts)


def _made_by(move: UserMove | AgentMove) -> dict[str, Any]:
    """What a message says of the model that wrote it; nothing where none did."""
    return {name: value for name, value in (("usage", move.usage), ("repaired", move.repaired)) if value}


def user_draft(move: UserMove) -> Draft:
    """The event of a user's move."""
    payload: dict[str, Any] = {"role": "user", "text": "" if move.calls else move.text}
    if move.calls:
        payload["tool_calls"] = [msgspec.to_builtins(call) for call in move.calls]
    elif move.done:
        payload |= {"done": True, "feedback": move.feedback}
    payload |= _made_by(move)
    return "message", message_head(payload["text"], move.calls), payload, None


def message_head(text: str, calls: Sequence[ToolCall]) -> str:
    """The one-line head of a message: what is said and called."""
    names = ", ".join(call.name for call in calls)
    return f"{text} [{names}]".strip() if names else text


def agent_draft(move: AgentMove) -> Draft:
    """The event of an agent's move."""
    payload: dict[str, Any] = {"role": "agent", "text": move.text}
    if move.reasoning:
        payload["reasoning"] = move.reasoning
    if move.calls:
        payload["tool_calls"] = [msgspec.to_builtins(call) for call in move.calls]
    if move.done:
        payload["done"] = True
    payload |= _made_by(move)
    return "message", message_head(move.text, move.calls), payload, None


def handoff_draft(handoff: dict[str, Any], call_id: str) -> Draft:
    """The event that says who has the conversation from here on. The transfer's result says so, too; this one is for readers."""
    return "handoff", f"{handoff['from']} → {handoff['to']}: {handoff['reason']}", dict(handoff), call_id


def seat_to_move(log: Sequence[Event]) -> str:
    """Whose turn it is after these events: ``user``, ``agent``, or "" when calls wait for their results or the talk is over."""
    seat, waiting = "user", set[str]()
    for event in log:
        payload = event.payload
        if event.kind == "tool_result":
            waiting.discard(str(event.call_id))
        elif event.kind in {"user_feedback", "episode_ended"} or payload.get("done"):
            return ""
        elif event.kind == "message":
            waiting = {str(call["id"]) for call in payload.get("tool_calls", [])}
            seat = "agent" if (payload["role"] == "user") != bool(waiting) else "user"
    return "" if waiting else seat


def mid_turn(log: Sequence[Event]) -> bool:
    """Whether the user's last message used tools of its own: what it says next belongs to the same turn."""
    last = next((event for event in reversed(log) if event.kind == "message"), None)
    return last is not None and last.payload["role"] == "user" and bool(last.payload.get("tool_calls"))


def result_head(call: ToolCall, outcome: ToolOutcome) -> str:
    """The one-line head of a tool result."""
    if outcome.error:
        return f"{call.name} → {outcome.error.code}"
    return f"{call.name} → ok" + (f", {len(outcome.delta)} changed" if outcome.delta else "")


def result_payload(call: ToolCall, outcome: ToolOutcome, requestor: Requestor = "agent") -> dict[str, Any]:
    """The payload of a tool result: exactly one of ``result`` and ``error``."""
    payload: dict[str, Any] = {
        "call_id": call.id,
        "name": call.name,
        "requestor": requestor,
        "digest": outcome.digest,
        "delta": outcome.delta,
    }
    if outcome.error:
        payload["error"] = {"code": outcome.error.code, "message": outcome.error.message}
    else:
        payload["result"] = outcome.result
    if outcome.fault:
        payload["fault"] = outcome.fault
    if outcome.handoff:
        payload["handoff"] = outcome.handoff
    if outcome.simulation:
        payload["simulated"] = True
        payload |= {name: value for name, value in msgspec.to_builtins(outcome.simulation).items() if value}
        if outcome.simulation.problem:
            payload["party"] = "tool"  # neither the agent's fault nor the user's
    return payload


async def play(
    *,
    user: User,
    agent: Agent,
    environment: Environment,
    log: Log,
    limits: Limits,
    clock: Clock,
    opening: dict[str, Any],
    past: Sequence[Event] = (),
    team: Handovers | None = None,
) -> Outcome:
    """Play an episode to its end and return how it ended.

    ``opening`` is the payload of ``episode_started`` (release digest, scenario id, cast, seeds, tools offered, limits, and ``digest``,
    the base state's).
    ``team`` is there where several agents share the agent's seat.
    ``past`` are the events already in the log, dense from 0; with them the episode resumes. Raises LostEpisode from the log; whatever
    else a seat raises passes through.
    """
    player = Player(user, agent, environment, log, limits, clock, team)
    player.digest = str(opening.get("digest", ""))
    for event in past:
        player.fold(event)
    # Of the time before this claim the log knows what models took; waiting in a queue is no time of the episode's.
    player.started_at -= player.waited
    if not past:
        await player.write(("episode_started", f"{opening.get('variation', '')} in {opening.get('domain', '')}", opening, None))
    return await player.run()
