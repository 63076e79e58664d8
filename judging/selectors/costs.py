"""What episodes that are worth keeping cost in models, over a stretch of time: in all, step by step, by who played the agent.

Counted from episodes and judgements, which know when they were made, and not from the tally of usage, which knows only days. Money is in
millionths of a currency; amounts of different currencies are never added.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, Q, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from judging.models import Judgement
from judging.selectors.accepted import ACCEPTED
from synthesis.models import Episode, ModelUsage
from synthesis.selectors.timeline import Step

SCRIPTED = "scripted"
K = TypeVar("K")


class Taken(NamedTuple):
    """Episodes that asked models: how many ended, how many were accepted, what they and their judging cost."""

    ended: int = 0
    accepted: int = 0
    cost: int = 0

    @property
    def each(self) -> int | None:
        """What an accepted one cost, those beside it that were not included; None without any."""
        return round(self.cost / self.accepted) if self.accepted else None

    def plus(self, other: "Taken") -> "Taken":
        """Both together."""
        return Taken(self.ended + other.ended, self.accepted + other.accepted, self.cost + other.cost)


class Costs(NamedTuple):
    """By currency ("" where a run's endpoints bill in several): in all, by step of time, by the agent's seat."""

    all: Mapping[str, Taken]
    steps: Mapping[str, Mapping[int, Taken]]
    agents: Mapping[tuple[str, str], Taken]


def costs_since(since: datetime, seconds: int) -> Costs:
    """What ended or was judged after ``since`` and asked a model; steps of ``seconds``. Three queries, whatever the number of episodes.

    An episode counts where it ended and a judgement where it was made, a moment later.
    """
    found = _episodes(since, seconds) + _judgements(since, seconds)
    currency = _currencies({run for run, _agent, _step, _taken in found})
    everything: dict[str, Taken] = {}
    steps: dict[str, dict[int, Taken]] = {}
    agents: dict[tuple[str, str], Taken] = {}
    for run, agent, step, taken in found:
        unit = currency.get(run, "")
        everything[unit] = everything.get(unit, Taken()).plus(taken)
        by_step = steps.setdefault(unit, {})
        by_step[step] = by_step.get(step, Taken()).plus(taken)
        agents[agent, unit] = agents.get((agent, unit), Taken()).plus(taken)
    return Costs(_dearest(everything), steps, _dearest(agents))


Row = tuple[int, str, int, Taken]


def _episodes(since: datetime, seconds: int) -> list[Row]:
    rows: Any = Episode.objects.filter(finished__gte=since, tokens__gt=0).order_by()
    rows = rows.annotate(step=Step("finished", seconds), who=_agent("cast")).values_list("run_id", "who", "step")
    return [(run, who or SCRIPTED, step, Taken(n, 0, cost)) for run, who, step, n, cost in rows.annotate(n=Count("pk"), took=Sum("cost"))]


def _judgements(since: datetime, seconds: int) -> list[Row]:
    """All judgements that asked a model count for their cost, those of a run's own models for what they accepted."""
    asked = Q(tokens__gt=0) | Q(episode__tokens__gt=0)
    rows: Any = Judgement.objects.filter(asked, created__gte=since).order_by()
    rows = rows.annotate(step=Step("created", seconds), who=_agent("episode__cast")).values_list("episode__run_id", "who", "step")
    counted = rows.annotate(good=Count("pk", filter=ACCEPTED), took=Sum("cost"))
    return [(run, who or SCRIPTED, step, Taken(0, good, cost)) for run, who, step, good, cost in counted]


def _agent(cast: str) -> KeyTextTransform:
    return KeyTextTransform("agent", KeyTransform("seats", cast))


def _currencies(runs: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    rows = ModelUsage.objects.filter(run_id__in=runs).order_by().values_list("run_id", "endpoint__currency").distinct()
    for run, currency in rows:
        found[run] = currency if found.get(run, currency) == currency else ""
    return found


def _dearest(sums: Mapping[K, Taken]) -> dict[K, Taken]:
    return dict(sorted(sums.items(), key=lambda item: (-item[1].cost, -item[1].ended)))
