"""Gold items of a queue: which there are, what is expected, and marking others."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from judging.models import ReviewItem
from judging.selectors import golds as selectors
from judging.selectors import review_overview as overview
from judging.selectors import reviews
from judging.selectors.rubrics import rubric_of
from judging.services.review_probes import GoldError
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import adjudicating
from studio.web.paging import page_of, read_cursor

SIZE = 50
VALUES = {"": None, "na": None} | {str(value): value for value in range(6)}

REFUSALS = {
    "not_done": lambda: _("People still review this item: only what is done can be gold."),
    "probe": lambda: _("This is a round of another item: mark that one."),
    "no_answer": lambda: _("Say what is expected of one criterion at least."),
    "out_of_range": lambda: _("Values lie between 0 and 5."),
}


@allow("review.manage")
@require_safe
def gold_list(request: HttpRequest, slug: str) -> HttpResponse:
    """``/review/manage/<slug>/gold/``: gold items, and settled items that could be."""
    queue = found(reviews.queue_get(slug))
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    viewer = person(request).pk
    rows = selectors.golds(queue, viewer_id=viewer, after=after, limit=SIZE + 1)
    context = {
        "queue": queue,
        "page": page_of(rows, SIZE, lambda row: (row.gold.pk,), first=after is None),
        "candidates": selectors.candidates(queue, viewer_id=viewer),
        "crumbs": _crumbs(queue),
    }
    return render(request, "review/gold.html", context)


def _crumbs(queue: Any) -> list[tuple[str, str]]:
    return [
        (_("Review"), reverse("review:index")),
        (_("Manage"), reverse("review:manage")),
        (queue.name, reverse("review:queue", args=[queue.slug])),
    ]


@allow("review.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def gold_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """``/review/manage/items/<id>/gold/``: what is expected of an item; POST marks it, or with ``end`` takes it back."""
    item = found(overview.item_get(item_id))
    # Its settled values are other people's: who reviews its episode blind must not meet them.
    if not can(request.user, "judgements.view", item.episode_id):
        found(None)
    if request.method != "POST":
        return _form(request, item, selectors.proposed(item))
    if "end" in request.POST:
        adjudicating.gold_unmark(actor=person(request), item=item)
        messages.success(request, _("Nobody gets this item as gold any more."))
        return redirect("review:gold", item.queue.slug)
    expected = expected_of(request.POST, item)
    try:
        adjudicating.gold_mark(actor=person(request), item=item, expected=expected)
    except GoldError as error:
        return _form(request, item, expected, refused=REFUSALS[error.code]())
    messages.success(request, _("Reviewers now get this item as gold, now and then."))
    return redirect("review:gold", item.queue.slug)


def expected_of(fields: Mapping[str, str], item: ReviewItem) -> dict[str, int | None]:
    """What the form expects; criteria left open are left out."""
    slugs = [criterion.id for criterion in rubric_of(item.queue.rubric_version).criteria]
    chosen = {slug: fields.get(f"v-{slug}", "") for slug in slugs}
    return {slug: VALUES[value] for slug, value in chosen.items() if value and value in VALUES}


def _form(request: HttpRequest, item: ReviewItem, expected: Mapping[str, int | None], refused: str = "") -> HttpResponse:
    questions = [(criterion, _shown(expected, criterion.id)) for criterion in rubric_of(item.queue.rubric_version).criteria]
    context = {
        "item": item,
        "gold": selectors.gold_of(item),
        "questions": questions,
        "refused": refused,
        "crumbs": [*_crumbs(item.queue), (_("Gold items"), reverse("review:gold", args=[item.queue.slug]))],
    }
    return render(request, "review/gold_item.html", context, status=422 if refused else 200)


def _shown(expected: Mapping[str, int | None], slug: str) -> str:
    if slug not in expected:
        return ""
    return "na" if expected[slug] is None else str(expected[slug])
