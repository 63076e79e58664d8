"""What waits for me, and what I did."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from judging.selectors import reviews
from judging.services.review_work import UNDO, may_undo
from studio.access.doors import allow, person
from studio.pipelines import reviewing
from studio.web.areas import tabs
from studio.web.paging import page_of, read_cursor
from studio.web.review.tabs import TABS

SIZE = 50


@allow("review.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/review/``: queues, drafts, and the next item at the press of a button."""
    me = person(request)
    rows = reviews.waiting(me.pk)
    context = {
        "tabs": tabs(request, TABS),
        "queues": rows,
        "items": sum(row.items for row in rows),
        "drafts": reviews.drafts(me.pk),
        "just_sealed": reviews.just_sealed(reviewer_id=me.pk, since=timezone.now() - UNDO),
    }
    return render(request, "review/index.html", context)


@allow("review.score")
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """Take the next item, of the queue named in ``queue`` or of any."""
    return to_next(request, request.POST.get("queue", ""))


def to_next(request: HttpRequest, slug: str = "") -> HttpResponse:
    """To the next item of a queue; to the list when nothing waits."""
    review = reviewing.claim(actor=person(request), slug=slug)
    if review is not None:
        return redirect("review:item", review.item_id)
    messages.info(request, _("Nothing more waits for you."))
    return redirect("review:index")


@allow("review.view")
@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """``/review/recent/``: what I sealed, declined or called broken, newest first."""
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    rows = reviews.recent(reviewer_id=person(request).pk, after=after, limit=SIZE + 1)
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=after is None)
    now = timezone.now()
    lines = [(row, may_undo(row, now)) for row in page.items]
    return render(request, "review/recent.html", {"tabs": tabs(request, TABS), "page": page, "lines": lines})
