"""Preference pairs; and the two deeds on a run that make them: repairing what failed by one mistake, pairing plays of one scenario."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from judging.models import PairState
from judging.selectors import pairs
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.pipelines.fixing import REPAIRABLE, pair_up, repair_failures
from studio.web.paging import page_of, read_cursor
from synthesis.engine.participants.forking import CannotFork
from synthesis.selectors import runs

SIZE = 50


@allow("datasets.view")
@require_safe
def pair_list(request: HttpRequest) -> HttpResponse:
    """``/repairs/pairs/?state=``: preference pairs, newest first."""
    state = request.GET.get("state", "")
    state = state if state in PairState.values else ""
    after = read_cursor(request, int)
    hidden = hidden_episodes(person(request))
    rows = pairs.pairs(state=state, without=hidden, after=int(after[0]) if after else None, limit=SIZE + 1)
    counts = pairs.pair_counts()
    context = {
        "page": page_of(rows, SIZE, lambda pair: (pair.pk,), first=after is None),
        "state": state,
        "states": [("", _("All"), sum(counts.values())), *((one.value, _names()[one.value], counts[one.value]) for one in PairState)],
        "crumbs": [(_("Runs"), reverse("runs:index"))],
    }
    return render(request, "repairs/pairs.html", context)


def _names() -> dict[str, str]:
    return {PairState.WAITING.value: _("Waiting"), PairState.GOOD.value: _("Good"), PairState.REFUSED.value: _("Refused")}


@allow("runs.start")
@require_POST
def repair(request: HttpRequest, run_id: int) -> HttpResponse:
    """Repair the guilty part of what failed in a run by one mistake, ``party`` and ``tag``."""
    found(runs.run_get(run_id))
    party = request.POST.get("party", "")
    if party not in REPAIRABLE:
        messages.error(request, _("Only a turn of the agent or of the user can be made anew. Try the run's failed episodes again instead."))
        return redirect("runs:run", run_id)
    try:
        made = repair_failures(actor=person(request), run_id=run_id, party=party, tag=request.POST.get("tag", "")[:40])
    except CannotFork as error:
        messages.error(request, str(error))
        return redirect("runs:run", run_id)
    count = made.episodes
    messages.success(
        request,
        ngettext("%(count)s episode goes on from its corrected step.", "%(count)s episodes go on from their corrected steps.", count)
        % {"count": count},
    )
    if made.left:
        messages.warning(request, _("Left as they are: %(count)s. %(reason)s") % {"count": len(made.left), "reason": made.left[0][1]})
    return redirect("runs:run", made.run.pk)


@allow("datasets.edit")
@require_POST
def find(request: HttpRequest, run_id: int) -> HttpResponse:
    """Pair plays of one scenario of this run of which one passed and one failed."""
    found(runs.run_get(run_id))
    count = pair_up(actor=person(request), run_id=run_id)
    told = ngettext("%(count)s pair was found.", "%(count)s pairs were found.", count) % {"count": count}
    messages.success(request, told if count else _("No scenario of this run was played both well and badly, or all are paired already."))
    return redirect("repairs:index")
