"""One item under review: its screen, the draft, sealing, and the ways to leave it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from judging.models import Review, ReviewItem, ReviewMode, ReviewState
from judging.selectors import adjudications, reviews
from judging.selectors.judgements import sheets
from judging.selectors.rubrics import rubric_of
from judging.services.review_claims import draft_resume
from judging.services.review_work import UNDO, ReviewError, draft_save, review_later
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import reviewing, viewing
from studio.web.review.blame import choices
from studio.web.review.index import to_next
from studio.web.review.keys import keys_of
from studio.web.review.sheet import fields_of, misread, panel_of, read_sheet
from synthesis.selectors import episodes

MOST_EVENTS = 3_000
"""Events in the page."""


@allow("review.score")
@never_cache
@require_safe
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """``/review/items/<id>/``: the transcript and the rubric; once it is sealed, the judge beside it."""
    review = mine(request, item_id)
    if review.state != ReviewState.DRAFT:
        return redirect("review:sealed" if review.state == ReviewState.SEALED else "review:recent", *_where(review))
    return _screen(request, review, panel_of(fields_of(review), rubric_of(review.item.queue.rubric_version)))


def _where(review: Review) -> list[int]:
    return [review.item_id] if review.state == ReviewState.SEALED else []


def mine(request: HttpRequest, item_id: int) -> Review:
    """My review of the item. Raises Http404 where it never was mine."""
    return found(reviews.review_of(item_id=item_id, reviewer_id=person(request).pk))


def _screen(request: HttpRequest, review: Review, panel: Any, status: int = 200) -> HttpResponse:
    if status != 200:
        # The lease was prolonged meanwhile.
        review.refresh_from_db(fields=["slot"])
    just_sealed = reviews.just_sealed(reviewer_id=review.reviewer_id, since=timezone.now() - UNDO)
    context = {
        "review": review,
        "panel": panel,
        "keys": keys_of("review", without=() if just_sealed else ("undo",)),
        "crumbs": [(_("Review"), reverse("review:index"))],
        "just_sealed": just_sealed,
        "blame": choices(),
        **lease_of(review, timezone.now()),
        **read_transcript(review.item),
        **_shown(review),
    }
    return render(request, "review/item.html", context, status=status)


def lease_of(review: Review, now: datetime) -> dict[str, Any]:
    """Until when the item is kept for its reviewer: None when that time is over."""
    until = review.slot.lease_until if review.slot else None
    return {"until": until if until and until > now else None}


def read_transcript(wanted: ReviewItem) -> dict[str, Any]:
    """The episode of an item as a reviewer reads it: no run, no cast, nothing of any judge."""
    episode = wanted.episode
    events = [event for event in episodes.events_after(episode.pk, -1, MOST_EVENTS) if event.kind in viewing.SPOKEN]
    handed = any(event.kind == "handoff" for event in events)
    domains = episodes.tool_domains(episode.scenario) if handed else {}
    tools = viewing.Toolbox(*episodes.tools_offered(episode.pk), domains=domains)
    return {
        "review_item": wanted.pk,
        "domain": episode.domain,
        "entries": viewing.entries_of(events, tools),
        "more": max(0, episode.next_seq - MOST_EVENTS),
    }


def _shown(review: Review) -> dict[str, Any]:
    """What the queue's mode shows before sealing: nothing where it is blind."""
    mode = review.item.queue.mode
    return {
        "sheets": sheets(review.item.episode_id)[:1] if mode in {ReviewMode.ASSISTED, ReviewMode.AUDIT} else [],
        "others": reviews.others_of(review) if mode == ReviewMode.AUDIT else [],
    }


@allow("review.score")
@require_POST
def save(request: HttpRequest, item_id: int) -> HttpResponse:
    """Keep the draft; a fragment with the lease for scripts, the page for everybody else."""
    review = mine(request, item_id)
    partial = request.headers.get("HX-Request") == "true"
    sheet = read_sheet(request.POST, rubric_of(review.item.queue.rubric_version))
    now = timezone.now()
    try:
        until = draft_save(review=review, sheet=sheet, token=request.POST.get("token", ""), now=now)
    except ReviewError as error:
        return _refused(request, review, error)
    if partial:
        return render(request, "review/lease.html", {"until": until, "saved": now})
    messages.success(request, _("The draft is saved."))
    return redirect("review:item", item_id)


@allow("review.score")
@require_POST
def seal(request: HttpRequest, item_id: int) -> HttpResponse:
    """Seal and go on with the next item; say what is missing otherwise."""
    review = mine(request, item_id)
    rubric = rubric_of(review.item.queue.rubric_version)
    sheet, unread = read_sheet(request.POST, rubric), misread(request.POST, rubric)
    token = request.POST.get("token", "")
    try:
        if unread:
            draft_save(review=review, sheet=sheet, token=token, now=timezone.now())
            return _screen(request, review, panel_of(request.POST, rubric, unread=unread), status=422)
        sealing = reviewing.seal(actor=person(request), review=review, sheet=sheet, token=token)
    except ReviewError as error:
        return _refused(request, review, error)
    if sealing.flaws:
        return _screen(request, review, panel_of(request.POST, rubric, sealing.flaws), status=422)
    if sealing.late:
        messages.info(request, _("Others had finished this item meanwhile. Your review is kept as an extra one."))
    return to_next(request, review.item.queue.slug)


def _refused(request: HttpRequest, review: Review, error: ReviewError) -> HttpResponse:
    words = REFUSALS[error.code]()
    if request.headers.get("HX-Request") == "true":
        return render(request, "review/lease.html", {"refused": words}, status=422)
    messages.error(request, words)
    return redirect("review:item", review.item_id)


REFUSALS = {
    "not_open": lambda: _("This review is sealed or left already. Nothing was changed."),
    "elsewhere": lambda: _("This item was opened anew elsewhere. Load the page again to go on with what is saved there."),
    "too_late": lambda: _("It is too late to undo this. You can revise the review instead."),
    "no_reason": lambda: _("Say why. Nothing was changed."),
    "later": lambda: _("You see this again once what you have under way is sealed."),
}


@allow("review.score")
@require_POST
def resume(request: HttpRequest, item_id: int) -> HttpResponse:
    """Go on with a draft whose lease ran out, or that was put off."""
    draft_resume(review=mine(request, item_id), now=timezone.now())
    return redirect("review:item", item_id)


@allow("review.score")
@require_POST
def later(request: HttpRequest, item_id: int) -> HttpResponse:
    """Put the item off; whatever is filled in stays."""
    review = mine(request, item_id)
    sheet = read_sheet(request.POST, rubric_of(review.item.queue.rubric_version))
    try:
        draft_save(review=review, sheet=sheet, token=request.POST.get("token", ""), now=timezone.now())
        review_later(review=review)
    except ReviewError as error:
        return _refused(request, review, error)
    messages.info(request, _("Put off. Your draft is in the list of drafts."))
    return to_next(request, review.item.queue.slug)


@allow("review.score")
@require_POST
def decline(request: HttpRequest, item_id: int) -> HttpResponse:
    """Leave the item to others, or say that its episode is broken: with a reason."""
    review = mine(request, item_id)
    broken = request.POST.get("how") == "broken"
    try:
        reviewing.decline(actor=person(request), review=review, reason=request.POST.get("reason", ""), broken=broken)
    except ReviewError as error:
        return _refused(request, review, error)
    messages.info(request, _("Called broken: nobody else gets this item.") if broken else _("Declined: somebody else gets this item."))
    return to_next(request, review.item.queue.slug)


@allow("review.score")
@require_POST
def undo(request: HttpRequest, item_id: int) -> HttpResponse:
    """Open a review again that was sealed a moment ago."""
    review = mine(request, item_id)
    try:
        reviewing.undo(actor=person(request), review=review)
    except ReviewError as error:
        messages.error(request, REFUSALS[error.code]())
        return redirect("review:recent")
    return redirect("review:item", item_id)


@allow("review.score")
@require_safe
def body(request: HttpRequest, item_id: int, seq: int) -> HttpResponse:
    """What an event says as a file, where it is too large for the page: for whoever reviews the item or may settle its disputes."""
    me = person(request)
    review = reviews.review_of(item_id=item_id, reviewer_id=me.pk)
    settling = can(me, "review.adjudicate") and review is None
    wanted = found(adjudications.item_of(item_id=item_id, person_id=me.pk)) if settling else found(review).item
    event = found(episodes.event_get(wanted.episode_id, min(seq, 2**31 - 1)))
    if event.kind not in viewing.SPOKEN:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="item-{item_id}-event-{event.seq}.json"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(viewing.whole(event, names=False), content_type="application/json; charset=utf-8", headers=headers)
