"""How the tools of a scenario were used in one episode."""

from collections.abc import Iterable

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.scenarios.scenario import Scenario


class ToolCalls(msgspec.Struct):
    """Calls of one tool (of ``release``, a digest) in an episode; ``errors`` counts those that returned an error, by code."""

    release: str
    tool: str
    calls: int = 0
    errors: dict[str, int] = {}

    @property
    def failures(self) -> int:
        """Calls that returned an error."""
        return sum(self.errors.values())


def tool_calls(scenario: Scenario, events: Iterable[Event]) -> list[ToolCalls]:
    """One entry for each tool of which the log holds results. Left out: tools that are not offered, and calls that an injected fault
    struck or that a colleague or the other side should have made, since they say nothing about the tool."""
    offered = {("agent", tool.name): tool for tool in scenario.tools} | {("user", tool.name): tool for tool in scenario.user_tools}
    releases = {world.domain: world.release for world in scenario.worlds}
    found: dict[str, ToolCalls] = {}
    for event in events:
        whose = (str(event.payload.get("requestor", "agent")), str(event.payload.get("name", "")))
        tool = offered.get(whose) if event.kind == "tool_result" else None
        if tool is None or event.payload.get("fault") or event.payload.get("handoff"):
            continue
        entry = found.setdefault(tool.name, ToolCalls(releases[tool.domain], tool.tool, errors={}))
        entry.calls += 1
        if "error" in event.payload:
            code = str((event.payload["error"] or {}).get("code", ""))
            entry.errors[code] = entry.errors.get(code, 0) + 1
    return list(found.values())
