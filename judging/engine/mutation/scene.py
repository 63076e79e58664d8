"""What a damage has to go by: the script, the trajectory it was read from, the scenario and its tools."""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from judging.engine.mutation.script import Line, Script, script_of
from judging.engine.mutation.subject import Subject
from synthesis.engine.episode.trajectory import Call, read_trajectory
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.participants.wording import Wording
from synthesis.engine.tools import ToolCall


class Damage(NamedTuple):
    """A changed script. ``note`` says in one sentence what was done; ``changes_state``: it counts only if the world comes out wrong."""

    script: Script
    note: str
    changes_state: bool


class Spot(NamedTuple):
    """A call in the script: the line it stands in, its place among that line's calls, the call with what came of it, and its tool."""

    line: int
    place: int
    call: Call
    tool: Tool


class Scene:
    """One passing trajectory, ready to be cut. ``rng`` chooses where there is a choice."""

    def __init__(self, subject: Subject, packs: Mapping[str, Pack], wording: Wording, rng: random.Random) -> None:
        self.scenario, self.packs, self.wording, self.rng = subject.scenario, packs, wording, rng
        self.script, self.trajectory = script_of(subject.events), read_trajectory(subject.events)

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """The own domain's offered tools, by offered name."""
        own = [offered for offered in self.scenario.tools if offered.domain == self.scenario.domain]
        return {offered.name: self.packs[offered.domain].tools[offered.tool] for offered in own}

    @cached_property
    def language(self) -> str:
        """The user's."""
        return str(self.trajectory.opening.get("cast", {}).get("persona", {}).get("language", "en"))

    @cached_property
    def spots(self) -> list[Spot]:
        """Every call of an own tool, in order."""
        calls = {call.id: call for call in self.trajectory.calls}
        return [
            Spot(i, k, calls[call.id], self.tools[call.name])
            for i, line in enumerate(self.script.lines)
            for k, call in enumerate(line.calls)
            if call.name in self.tools and call.id in calls
        ]

    @cached_property
    def writes(self) -> list[Spot]:
        """Calls that changed the world."""
        return [spot for spot in self.spots if spot.call.wrote]

    @cached_property
    def struck(self) -> set[str]:
        """Tools that a fault strikes: one call more or less of them moves the fault."""
        return {fault.tool for fault in self.scenario.faults}

    def results_before(self, spot: Spot) -> list[Any]:
        """What the agent had seen before a call."""
        return [call.outcome.result for call in self.trajectory.calls if call.position < spot.call.position and call.outcome]

    def said(self, role: str, upto: int) -> Iterator[str]:
        """What one seat said in the lines before ``upto``."""
        return (line.text for line in self.script.lines[:upto] if line.role == role)

    def with_lines(self, lines: Sequence[Line], **changes: Any) -> Script:
        """The script with other lines."""
        return msgspec.structs.replace(self.script, lines=list(lines), **changes)

    def with_call(self, spot: Spot, arguments: dict[str, Any]) -> Script:
        """The script in which one call has other arguments."""
        lines = list(self.script.lines)
        calls = list(lines[spot.line].calls)
        calls[spot.place] = ToolCall(spot.call.id, spot.call.name, arguments)
        lines[spot.line] = msgspec.structs.replace(lines[spot.line], calls=calls)
        return self.with_lines(lines)

    def without(self, spots: Sequence[Spot]) -> Script:
        """The script without these calls, and without lines in which nothing is left."""
        gone = {spot.call.id for spot in spots}
        touched = {spot.line for spot in spots}
        lines = []
        for i, line in enumerate(self.script.lines):
            kept = msgspec.structs.replace(line, calls=[call for call in line.calls if call.id not in gone])
            if i not in touched or kept.calls or kept.text:
                lines.append(kept)
        return self.with_lines(lines)

    def new_call(self, spot: Spot) -> Line:
        """A line that makes the call of ``spot`` once more, under an id of its own."""
        call = ToolCall(f"call_{self.rng.getrandbits(64):016x}", spot.call.name, dict(spot.call.arguments))
        return Line("message", {"role": "agent", "text": ""}, [call])
