"""What a kept episode costs, for the monitor: in all, over time, by the model that played the agent."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from judging.selectors.costs import Taken, costs_since
from studio.web.monitor.windows import Steps
from studio.web.series import Series, ceiling, series
from synthesis.engine.participants.cast import model_of

MILLION = 1_000_000
SMALL = 0.01
"""Below that, of a unit of money, an axis shows six decimals."""


class Unit(NamedTuple):
    """What was taken in one currency, and what an accepted episode cost over time."""

    currency: str
    taken: Taken
    chart: Series


class Player(NamedTuple):
    """A seat of the agent: the endpoint ("" when it is scripted), what its episodes took, in which currency."""

    endpoint: str
    currency: str
    taken: Taken


def costs(steps: Steps, *, names: bool) -> dict[str, Any]:
    """``{costs: [Unit], players: [Player]}``; without ``names`` nobody is told which model played."""
    found = costs_since(steps.since, steps.window.step)
    units = [Unit(currency, taken, _chart(steps, found.steps[currency])) for currency, taken in found.all.items()]
    players: Sequence[Player] = []
    if names:
        players = [Player(model_of(agent) or "", currency, taken) for (agent, currency), taken in found.agents.items()]
    return {"costs": units, "players": players}


def _chart(steps: Steps, taken: Mapping[int, Taken]) -> Series:
    each = [taken[number].each if number in taken else None for number in steps.numbers]
    values = [None if value is None else value / MILLION for value in each]
    most = max((value or 0 for value in values), default=0)
    top = ceiling(most * MILLION) / MILLION if 0 < most < 1 else None
    return series(steps.labels(), values, steps.urls(passed="yes"), digits=6 if most < SMALL else 4 if most < 1 else 2, top=top)
