"""What the data suggests to do, each with the numbers behind it and one deed. Without numbers there is no suggestion."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from judging.selectors.monitor import keepable_cells
from studio.pipelines.steer import run_move
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.selectors.catalog import active_releases
from synthesis.selectors.monitor import struggling

LEAST_ENDED = 20
"""Episodes of a run that must have ended before its share of failures says anything."""
BAD_SHARE = 0.3
LEAST_MEAN = 4.0
"""Episodes worth keeping that a cell has on average before a cell is called thin."""
THIN = 0.5
"""Share of that average below which a cell is thin."""
MOST_EPISODES = 500


class Thin(NamedTuple):
    """A domain whose cells (variations) hold much less than the average cell; ``url`` is the launcher for what is missing."""

    domain: str
    variations: list[str]
    have: int
    average: float
    episodes: int
    everywhere: bool
    url: str


class Failing(NamedTuple):
    """A running run whose share of episodes that came to nothing is high."""

    run_id: int
    ended: int
    failed: int
    share: float


class Suggestions(NamedTuple):
    """Thin domains, thinnest first; failing runs, worst first."""

    thin: list[Thin]
    failing: list[Failing]

    def __bool__(self) -> bool:
        return bool(self.thin or self.failing)


def suggest(limit: int = 4) -> Suggestions:
    """What could be done now; a few queries."""
    failing = [Failing(row.run_id, row.ended, row.failed, row.failed / row.ended) for row in struggling(LEAST_ENDED, BAD_SHARE)]
    return Suggestions(_thin()[:limit], failing[:limit])


def _thin() -> list[Thin]:
    cells, releases = keepable_cells(), active_releases()
    possible = [(slug, variation) for slug, release in releases.items() for variation in VARIATIONS if release.variations.get(variation)]
    if not possible:
        return []
    average = sum(cells.get(cell, 0) for cell in possible) / len(possible)
    if average < LEAST_MEAN:
        return []
    found = []
    for slug in releases:
        own = {variation: cells.get((slug, variation), 0) for domain, variation in possible if domain == slug}
        thin = {variation: have for variation, have in own.items() if have < THIN * average}
        if thin:
            missing = round(average * len(thin) - sum(thin.values()))
            found.append(_domain(slug, thin, len(thin) == len(own), average, min(MOST_EPISODES, max(1, missing))))
    return sorted(found, key=lambda row: (-row.episodes, row.domain))


def _domain(slug: str, thin: dict[str, int], everywhere: bool, average: float, episodes: int) -> Thin:
    query = urlencode({"domains": slug, "variations": list(thin), "episodes": episodes}, doseq=True)
    return Thin(slug, list(thin), sum(thin.values()), average, episodes, everywhere, f"{reverse('runs:new')}?{query}")


def pause_failing(*, actor: User, run_id: int) -> Failing | None:
    """Pause a run that still fails as much as the suggestion said; None, and nothing done, when it no longer does. Raises RunError."""
    failing = next((row for row in suggest().failing if row.run_id == run_id), None)
    if failing is not None:
        run_move(actor=actor, run_id=run_id, move="pause")
    return failing
