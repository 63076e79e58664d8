"""What stands behind the numbers: the episodes of a cell, damaged plays, one of them in whole."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.engine.calibration.sample import Split
from judging.models import Calibration
from judging.selectors import trust
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.web.areas import tabs
from studio.web.judges.words import DAMAGES, KINDS
from studio.web.paging import page_of, read_cursor
from studio.web.review.tabs import TABS
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.trajectory import read_trajectory

SIZE = 50


@allow("judgements.view")
@require_safe
def cell(request: HttpRequest, version: str) -> HttpResponse:
    """``/judges/<hash>/cell/?criterion=&part=&good=1&passed=0``: the episodes behind a cell."""
    calibration = found(trust.newest_done(version))
    split = _split(request, calibration)
    criterion = request.GET.get("criterion", "").replace("\x00", "")
    good, passed = request.GET.get("good") == "1", request.GET.get("passed") == "1"
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else 0
    hidden = set(hidden_episodes(person(request)))
    rows = trust.cell(calibration, criterion=criterion, split=split, good=good, passed=passed, after=after, limit=SIZE + 1)
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=not after)
    context = {
        **_frame(request, version),
        "page": page,
        "rows": [row for row in page.items if row.episode not in hidden],
        "criterion": criterion,
        "split": split,
        "good": good,
        "passed": passed,
    }
    return render(request, "judges/cell.html", context)


def _split(request: HttpRequest, calibration: Calibration | None) -> Split:
    """The part that is asked for: the test part only where this person opened it."""
    looked = calibration and any(look.by == person(request).get_username() for look in trust.looks(calibration.pk))
    return "test" if looked and request.GET.get("part") == "test" else "dev"


@allow("judgements.view")
@require_safe
def damage(request: HttpRequest, version: str) -> HttpResponse:
    """``/judges/<hash>/damage/?kind=&found=0&part=``: damaged plays and what the judge made of them."""
    split = _split(request, trust.newest_done(version))
    kind = request.GET.get("kind", "").replace("\x00", "")
    wanted = {"1": True, "0": False}.get(request.GET.get("found", ""))
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else 0
    rows = trust.mutant_verdicts(version, split=split, kind=kind, found=wanted, after=after, limit=SIZE + 1)
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=not after)
    # Only what passed is damaged: whoever reviews the episode blind would learn that it did.
    hidden = set(hidden_episodes(person(request)))
    lines = [(row, DAMAGES.get(row.mutant.kind, row.mutant.kind)) for row in page.items if row.mutant.episode_id not in hidden]
    context = {**_frame(request, version), "page": page, "lines": lines, "kind": DAMAGES.get(kind, ""), "wanted": wanted, "split": split}
    return render(request, "judges/damage.html", context)


@allow("judgements.view")
@require_safe
def mutant(request: HttpRequest, mutant_id: int) -> HttpResponse:
    """``/judges/damaged/<id>/``: a damaged play in whole, what was done to it, and what judges made of it."""
    row = found(trust.mutant_get(mutant_id))
    if row.episode_id in hidden_episodes(person(request)):
        raise Http404
    trajectory = read_trajectory(msgspec.convert(row.events, list[Event]))
    context = {
        "tabs": tabs(request, TABS),
        "crumbs": [(_("Judges"), reverse("judges:index"))],
        "mutant": row,
        "kind": DAMAGES.get(row.kind, row.kind),
        "messages_told": trajectory.messages,
        "begins": round(row.place * row.length),
        "verdicts": trust.verdicts_on(row.pk),
    }
    return render(request, "judges/mutant.html", context)


def _frame(request: HttpRequest, version: str) -> dict[str, object]:
    row = found(trust.judge_version(version))
    kind = KINDS.get(row.judge, row.judge)
    crumbs = [(_("Judges"), reverse("judges:index")), (f"{kind} {version[:8]}", reverse("judges:judge", args=[version]))]
    return {"tabs": tabs(request, TABS), "crumbs": crumbs, "version": version}
