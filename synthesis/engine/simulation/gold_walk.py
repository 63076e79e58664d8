"""The gold calls of a scenario one after the other, each made from what the earlier ones returned."""

from collections.abc import Iterator
from typing import Any

from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.scenarios.phases import phases
from synthesis.engine.scenarios.scenario import Scenario, Step
from synthesis.engine.tools import Requestor, ToolCall, ToolOutcome


class GoldWalk:
    """Iterate over the calls; tell each one's outcome with ``got`` before the next is taken. Of a wrong value the failing call comes first,
    as an agent would make it that believes the user."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.outcome: ToolOutcome | None = None
        self.made = 0
        self.side: Requestor = "agent"
        """Whose the call taken last is."""

    def got(self, outcome: ToolOutcome) -> None:
        """What the call taken last came to."""
        self.outcome = outcome

    def __iter__(self) -> Iterator[ToolCall]:
        for wish in self.scenario.wishes:
            scope: dict[str, Any] = {}
            for steps, _bindings, _required in phases(wish):
                fresh: set[str] = set()
                for position, step in enumerate(steps):
                    if wish.wrong and not wish.wrong.malformed and wish.wrong.step == position:
                        yield self._call(step, wish.wrong.args)
                    try:
                        arguments = resolve(step.args, scope)
                    except MissingValue:
                        return
                    yield self._call(step, arguments)
                    if self.outcome is not None and self.outcome.ok:
                        _bind(step, self.outcome.result, scope, fresh)

    def _call(self, step: Step, arguments: dict[str, Any]) -> ToolCall:
        self.made, self.outcome, self.side = self.made + 1, None, step.side
        return ToolCall(f"gold_{self.made}", step.tool, arguments)


def _bind(step: Step, result: Any, scope: dict[str, Any], fresh: set[str]) -> None:
    if step.name is None:
        return
    if step.each:
        scope[step.name] = [*(scope[step.name] if step.name in fresh else []), result]
        fresh.add(step.name)
    else:
        scope[step.name] = result
