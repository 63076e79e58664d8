"""How the scenarios of a run are solved, agent by agent; and what models made of scenarios, over all runs.

A play counts when the judgement that decides says whether it was solved. One that failed for the studio's own sake (infrastructure, a
judge that broke) says nothing of the agent and is left out.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count, F, IntegerField, Min, Q, QuerySet
from django.db.models.expressions import CombinedExpression

from judging.engine.statistics.solving import Band, Tally
from judging.models import Judgement
from synthesis.engine.participants.cast import model_of
from synthesis.models import Run, Scenario

OURS = ("infrastructure", "judge")
"""Parties whose failures are none of the agent's."""

BAND_CONDITIONS: dict[Band, Q] = {
    "never": Q(solved=0),
    "seldom": Q(solved__gt=0, n__gt=F("solved") * 2),
    "often": Q(n__lte=F("solved") * 2, n__gt=F("solved")),
    "always": Q(n=F("solved")),
}


class Solved(NamedTuple):
    """A scenario and how one agent fared with it in a run; ``first`` is the index of its first play that counts.

    ``plays`` are (episode id, index, whether it was solved), in order of index.
    """

    scenario: Scenario
    tally: Tally
    first: int
    plays: Sequence[tuple[int, int, bool]]


def tallies_of(run: Run, *, without: Collection[int] = ()) -> list[Counter[Tally]]:
    """For every agent of the run how many scenarios came to which tally, ``without`` some episodes; one query."""
    found: list[Counter[Tally]] = [Counter() for _ in run.agents]
    rows = _plays(run, without).annotate(agent=_agent(run)).values("agent", "episode__scenario_id").annotate(**_sums())
    for agent, plays, solved in rows.values_list("agent", "n", "solved").iterator(chunk_size=2000):
        found[agent][Tally(plays, solved)] += 1
    return found


def solved_in(run: Run, agent: int, band: Band, *, after: int = -1, limit: int = 50, without: Collection[int] = ()) -> list[Solved]:
    """Scenarios of a band for the agent at this place, by their first play, after that index; two queries."""
    rows = _plays(run, without).annotate(agent=_agent(run)).filter(agent=agent)
    grouped = rows.values("episode__scenario_id").annotate(first=Min("episode__index"), **_sums())
    fitting = grouped.filter(BAND_CONDITIONS[band], first__gt=after).order_by("first")
    outlines = list(fitting.values_list("episode__scenario_id", "n", "solved", "first")[:limit])
    digests = [digest for digest, *_rest in outlines]
    plays: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    shown = rows.filter(episode__scenario_id__in=digests).order_by("episode__index")
    for digest, pk, index, passed in shown.values_list("episode__scenario_id", "episode_id", "episode__index", "passed"):
        plays[digest].append((pk, index, passed))
    texts = ("body", "release__pack_text", "release__pack", "release__audit", "release__domain__pack_text")
    scenarios = Scenario.objects.select_related("release__domain").defer(*texts).in_bulk(digests)
    return [Solved(scenarios[digest], Tally(n, solved), first, plays[digest]) for digest, n, solved, first in outlines]


def scenarios_of(run_id: int) -> list[str]:
    """Digests of the scenarios that were judged in a run."""
    rows = Judgement.objects.filter(episode__run_id=run_id, decides=True, episode__scenario__isnull=False)
    return list(rows.order_by("episode__scenario_id").values_list("episode__scenario_id", flat=True).distinct())


def solved_by_models(digests: Sequence[str]) -> dict[str, Tally]:
    """What agents that are models made of these scenarios, over all runs; forks and repairs aside, since somebody helped there."""
    rows = _counted(Judgement.objects.filter(episode__scenario_id__in=digests))
    plays = list(rows.values_list("episode__scenario_id", "episode__run_id", "episode__index", "passed"))
    runs = Run.objects.only("seats", "rivals", "plays", "options").in_bulk({run for _digest, run, _index, _passed in plays})
    free = {pk: run for pk, run in runs.items() if not {"fork", "repairs"} & run.options.keys()}
    return _sum((digest, passed) for digest, run, index, passed in plays if run in free and model_of(free[run].agent_at(index)))


def _sum(plays: Iterable[tuple[str, bool]]) -> dict[str, Tally]:
    counts: Mapping[str, list[int]] = defaultdict(lambda: [0, 0])
    for digest, passed in plays:
        counts[digest][0] += 1
        counts[digest][1] += passed
    return {digest: Tally(n, solved) for digest, (n, solved) in counts.items()}


def _counted(rows: QuerySet[Judgement]) -> QuerySet[Judgement]:
    return rows.filter(decides=True, error="", episode__scenario__isnull=False).exclude(party__in=OURS)


def _plays(run: Run, without: Collection[int]) -> QuerySet[Judgement]:
    rows = _counted(Judgement.objects.filter(episode__run=run)).order_by()
    return rows.exclude(episode_id__in=without) if without else rows


def _sums() -> dict[str, Count]:
    return {"n": Count("pk"), "solved": Count("pk", filter=Q(passed=True))}


def _agent(run: Run) -> CombinedExpression:
    """The place of the episode's agent among those of the run: ``Run.agent_at`` as SQL, whose division of whole numbers is whole."""
    expression: CombinedExpression = (F("episode__index") % run.each) / run.plays
    expression.output_field = IntegerField()
    return expression
