"""Settling what others dispute: the list of what waits, and one item with its answers A, B, C."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from judging.models import ReviewItem
from judging.selectors import adjudications
from judging.selectors.adjudications import Disputed
from judging.services.adjudications import AdjudicationError, Ruling
from studio.access.doors import allow, found, person
from studio.pipelines import adjudicating
from studio.web.areas import tabs
from studio.web.paging import page_of, read_cursor
from studio.web.review.item import read_transcript
from studio.web.review.keys import keys_of
from studio.web.review.tabs import TABS

SIZE = 50
NEW = {"vna": None} | {f"v{value}": value for value in range(6)}
"""Fields of another value than those that were given."""

REFUSALS = {
    "own": lambda: _("You reviewed this item: somebody else has to settle it."),
    "not_open": lambda: _("Somebody settled this meanwhile. Nothing was changed."),
    "no_answer": lambda: _("Choose an answer, another value, or that the question is ambiguous."),
    "no_note": lambda: _("Say what is ambiguous: whoever words the question anew reads it."),
}


@allow("review.adjudicate")
@never_cache
@require_safe
def adjudications_list(request: HttpRequest) -> HttpResponse:
    """``/review/disputes/``: what waits for me to settle, and what was settled lately."""
    me = person(request)
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    rows = adjudications.waiting_items(person_id=me.pk, after=after, limit=SIZE + 1)
    mine, others = adjudications.waiting_number(me.pk)
    context = {
        "tabs": tabs(request, TABS),
        "page": page_of(rows, SIZE, lambda row: (row.item.pk,), first=after is None),
        "mine": mine,
        "others": others,
        "next": adjudications.next_item(person_id=me.pk),
        "settled": adjudications.settled_lately(viewer_id=me.pk, person_id=me.pk),
    }
    return render(request, "review/disputes.html", context)


@allow("review.adjudicate")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, item_id: int) -> HttpResponse:
    """``/review/disputes/<item>/``: answers side by side without names; POST settles what was chosen and goes on."""
    me = person(request)
    item = found(adjudications.item_of(item_id=item_id, person_id=me.pk))
    waiting = adjudications.disputed(item)
    if request.method != "POST":
        return _screen(request, item, waiting)
    rulings = rulings_of(request.POST, waiting)
    if not rulings:
        return _screen(request, item, waiting, wrong={"": REFUSALS["no_answer"]()})
    try:
        adjudicating.adjudicate(actor=me, item_id=item_id, rulings=rulings)
    except AdjudicationError as error:
        return _screen(request, item, waiting, wrong={error.criterion: REFUSALS[error.code]()})
    messages.success(request, _("Item %(number)s is settled.") % {"number": item_id})
    following = adjudications.next_item(person_id=me.pk)
    return redirect("review:disputes") if following is None else redirect("review:settle", following)


def rulings_of(fields: Mapping[str, str], waiting: Sequence[Disputed]) -> list[Ruling]:
    """What was chosen, of the criteria that wait."""
    found = []
    for row in waiting:
        slug = row.criterion.id
        choice, note = fields.get(f"c-{slug}", ""), fields.get(f"n-{slug}", "").replace("\x00", "")
        if choice in NEW:
            found.append(Ruling(slug, "new", NEW[choice], note))
        elif choice:
            found.append(Ruling(slug, choice, None, note))
    return found


def _screen(request: HttpRequest, item: ReviewItem, waiting: Sequence[Disputed], wrong: Mapping[str, str] | None = None) -> HttpResponse:
    fields = request.POST
    places = [
        {
            "row": row,
            "chosen": fields.get(f"c-{row.criterion.id}", ""),
            "note": fields.get(f"n-{row.criterion.id}", ""),
            "wrong": (wrong or {}).get(row.criterion.id, ""),
            "anchors": sorted(row.criterion.scale.items(), reverse=True),
        }
        for row in waiting
    ]
    context: dict[str, Any] = {
        "item": item,
        "places": places,
        "wrong": wrong or {},
        "refused": (wrong or {}).get("", ""),
        "keys": keys_of("settle", answers=max((len(row.answers) for row in waiting), default=0)),
        "crumbs": [(_("Review"), reverse("review:index")), (_("Disputes"), reverse("review:disputes"))],
        **read_transcript(item),
    }
    return render(request, "review/settle.html", context, status=422 if wrong else 200)


@allow("review.manage")
@require_POST
def reopen_dispute(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    """Let a settled criterion wait again."""
    adjudication = found(adjudications.adjudication_get(adjudication_id))
    try:
        adjudicating.reopen(actor=person(request), adjudication=adjudication)
        messages.success(request, _("It waits again, for somebody to settle it anew."))
    except AdjudicationError as error:
        messages.error(request, REFUSALS[error.code]())
    return redirect("review:queue", adjudication.item.queue.slug)
