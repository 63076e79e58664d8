"""Forking: a new play that begins with the first events of another one, and what changes there.

The prefix is copied as it is; a ``note`` after it tells who goes on and with which faults, so that the log alone says what happened and
every seat folds it like any other event.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event, clip
from synthesis.engine.faults.plan import READ_FAULTS, WRITE_FAULTS
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario


class CannotFork(ValueError):
    """Why there is no going on from an event; for people."""


class FaultChoice(msgspec.Struct, frozen=True):
    """Which faults strike from the fork on: those planned (``keep``), ``none``, or ``one``: the next call of ``tool`` meets ``kind``."""

    how: str = "keep"
    tool: str = ""
    kind: str = ""


def prefix_of(log: Sequence[Event], seq: int) -> list[Event]:
    """The events up to and including ``seq``. Raises CannotFork where nothing can follow."""
    prefix = [event for event in log if event.seq <= seq]
    if not prefix or prefix[0].kind != "episode_started" or prefix[-1].seq != seq:
        raise CannotFork("There is no such step in this episode.")
    if any(_is_over(event) for event in prefix):
        raise CannotFork("At this step the conversation is already over. Choose an earlier one.")
    return prefix


def _is_over(event: Event) -> bool:
    """Whether nothing but the end follows this event."""
    limited = event.kind == "note" and event.payload.get("what") == "limit"
    return event.kind in {"user_feedback", "episode_ended"} or limited or bool(event.kind == "message" and event.payload.get("done"))


def last_step(tail: Sequence[Event]) -> int:
    """The last event from which one can go on, by the last events of a log; -1 when there is none."""
    over = next((event.seq for event in tail if _is_over(event)), tail[-1].seq + 1 if tail else 0)
    return over - 1


def fork_note(after: Event, *, cast: Cast, origin: dict[str, Any], faults: FaultChoice, corrects: int | None = None) -> Event:
    """The event that follows the prefix. ``origin`` is ``{run_seed, index, seq}``; ``corrects`` the origin's message that the next event
    stands in for.
    """
    payload = {"what": "fork", "origin": origin, "cast": msgspec.to_builtins(cast), "faults": msgspec.to_builtins(faults)}
    if corrects is None:
        return Event(after.seq + 1, "note", after.turn, clip(f"forked at step {after.seq}"), payload)
    return Event(after.seq + 1, "note", after.turn, clip(f"step {corrects} is corrected"), {**payload, "corrects": corrects})


def fork_cast(event: Event) -> Cast | None:
    """Who goes on after this event, if it tells of a fork."""
    if event.kind == "note" and event.payload.get("what") == "fork":
        return msgspec.convert(event.payload["cast"], Cast)
    return None


def first_cast(log: Sequence[Event], otherwise: Cast) -> Cast:
    """Who began an episode: in a fork's log somebody else may go on."""
    return msgspec.convert(log[0].payload["cast"], Cast) if log and "cast" in log[0].payload else otherwise


def with_faults(scenario: Scenario, prefix: Sequence[Event], choice: FaultChoice, kinds: Sequence[str]) -> list[PlannedFault]:
    """The fault plan of a fork. ``kinds`` are those that can strike the chosen tool. Raises CannotFork for a choice that cannot be."""
    made = Counter(str(event.payload.get("name", "")) for event in prefix if event.kind == "tool_result")
    past = [fault for fault in scenario.faults if fault.nth < made[fault.tool]]
    if choice.how == "keep":
        return list(scenario.faults)
    if choice.how == "none":
        return past
    if choice.tool not in {tool.name for tool in scenario.tools}:
        raise CannotFork("Choose the tool that the fault strikes.")
    if choice.kind not in kinds:
        raise CannotFork(f"This fault cannot strike {choice.tool}. It can meet: {', '.join(kinds)}.")
    return [*past, PlannedFault(choice.tool, made[choice.tool], choice.kind)]


def kinds_for(effect: str) -> tuple[str, ...]:
    """The faults that can strike a tool of this effect."""
    return WRITE_FAULTS if effect == "write" else READ_FAULTS
