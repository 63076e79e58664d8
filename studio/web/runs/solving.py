"""How reliably a run's scenarios are solved: pass^k of every agent, bands of difficulty, the scenarios of a band."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from judging.engine.statistics.solving import BANDS, Band, Tally, band_of, pass_k
from judging.selectors import solving
from studio.access.blindness import hidden_episodes, names_models
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines.model_names import agents_seen
from studio.web.judges.words import Told, told
from studio.web.paging import page_of, read_cursor
from synthesis.models import Run
from synthesis.selectors import runs
from synthesis.selectors.scenarios import scenarios_played

SIZE = 50
BAND_WORDS: dict[Band, str | Promise] = {
    "never": gettext_lazy("never solved"),
    "seldom": gettext_lazy("seldom solved"),
    "often": gettext_lazy("often solved"),
    "always": gettext_lazy("always solved"),
}


class Column(NamedTuple):
    """An agent of the run: its place, its name, what its plays came to, scenarios in each band."""

    place: int
    name: str
    chances: Sequence[Told]
    bands: Sequence[tuple[Band, str | Promise, int]]
    scenarios: int
    plays: int


@allow("judgements.view")
@require_safe
def solving_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """``/runs/<n>/solving/``: pass^k and bands by agent; ``agent`` (a place) and ``band`` choose whose scenarios are listed."""
    run = found(runs.run_get(run_id))
    hidden = hidden_episodes(person(request))
    names = agents_seen(run.agents, names=names_models(person(request), run_id))
    tallies = solving.tallies_of(run, without=hidden)
    columns = [_column(run, place, name, tally) for place, (name, tally) in enumerate(zip(names, tallies, strict=True))]
    context = {
        "run": run,
        "columns": columns,
        "lines": [(k, [(column.name, column.chances[k - 1]) for column in columns]) for k in range(1, run.plays + 1)],
        "bands": [(band, BAND_WORDS[band]) for band in BANDS],
        "finds": can(person(request), "datasets.edit"),
        "judged": sum(column.plays for column in columns),
        **_chosen(request, run, names, hidden),
        "crumbs": [(_("Runs"), reverse("runs:index")), (f"{_('Run')} {run.pk}", reverse("runs:run", args=[run.pk]))],
    }
    return render(request, "runs/solving.html", context)


def _column(run: Run, place: int, name: str, tallies: Counter[Tally]) -> Column:
    banded: Counter[Band] = Counter()
    for tally, count in tallies.items():
        banded[band_of(tally)] += count
    chances = [told(pass_k(tallies, k)) for k in range(1, run.plays + 1)]
    plays = sum(tally.plays * count for tally, count in tallies.items())
    return Column(place, name, chances, [(band, BAND_WORDS[band], banded[band]) for band in BANDS], sum(tallies.values()), plays)


def _chosen(request: HttpRequest, run: Run, names: Sequence[str], hidden: Collection[int]) -> dict[str, Any]:
    """The scenarios of the chosen band of the chosen agent; nothing while none is chosen."""
    agent = {str(place): place for place in range(len(names))}.get(request.GET.get("agent", "0"))
    band = next((one for one in BANDS if one == request.GET.get("band")), None)
    if agent is None or band is None:
        return {"page": None}
    cursor = read_cursor(request, int)
    rows = solving.solved_in(run, agent, band, after=int(cursor[0]) if cursor else -1, limit=SIZE + 1, without=hidden)
    page = page_of(rows, SIZE, lambda row: (row.first,), first=cursor is None)
    return {
        "page": page,
        "agent": agent,
        "agent_name": names[agent],
        "band": band,
        "band_words": BAND_WORDS[band],
        "untold": scenarios_played(hidden),
    }
