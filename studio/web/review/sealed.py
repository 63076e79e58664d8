"""After the seal: one's own review beside the judge's, and revising it."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from judging.engine.rubric import Criterion
from judging.models import CriterionScore, Review, ReviewState, Verdict
from judging.selectors import reviews
from judging.selectors.judgements import Sheet, sheets
from judging.selectors.rubrics import rubric_of
from judging.services.review_work import ReviewError, review_reveal
from studio.access.doors import allow, person
from studio.pipelines import reviewing
from studio.web.review.blame import choices, words_of
from studio.web.review.item import REFUSALS, mine, read_transcript
from studio.web.review.keys import keys_of
from studio.web.review.sheet import fields_of, misread, panel_of, read_sheet

FAR = 2.0
"""Values that lie so far apart are marked as different."""


class Pair(NamedTuple):
    """One criterion: mine beside the judge's. ``apart``: they differ by so much, or only one of us says that it does not apply."""

    criterion: Criterion
    mine: Verdict | None
    judge: CriterionScore | None
    apart: bool


@allow("review.score")
@never_cache
@require_safe
def sealed(request: HttpRequest, item_id: int) -> HttpResponse:
    """``/review/items/<id>/sealed/``: mine beside the judge's; whoever sees this can no longer undo, only revise."""
    review = mine(request, item_id)
    if review.state != ReviewState.SEALED:
        return redirect("review:item", item_id)
    if again(review):
        return _later(request)
    review_reveal(review=review, now=timezone.now())
    found = sheets(review.item.episode_id)
    judged = found[0] if found else None
    context = {
        "review": review,
        "versions": reviews.versions_of(review),
        "judged": judged,
        "pairs": pairs(review, judged),
        "my_blame": words_of(review.party, review.tag, review.severity),
        "its_blame": words_of(judged.judgement.party, judged.judgement.tag, judged.judgement.severity) if judged else "",
        "episode_id": review.item.episode_id,
        "crumbs": [(_("Review"), reverse("review:index")), (_("My reviews"), reverse("review:recent"))],
    }
    return render(request, "review/sealed.html", context)


def again(review: Review) -> bool:
    """Whether its author is answering the same episode blind once more: until that is sealed, no earlier answer shows."""
    return reviews.is_blind(reviewer_id=review.reviewer_id, episode_id=review.item.episode_id)


def _later(request: HttpRequest) -> HttpResponse:
    messages.info(request, REFUSALS["later"]())
    return redirect("review:recent")


def pairs(review: Review, judged: Sheet | None) -> list[Pair]:
    """Mine and the judge's answer to each criterion."""
    own = reviews.verdicts_of(review)
    theirs = {score.criterion.slug: score for score in judged.scores} if judged else {}
    criteria = rubric_of(review.item.queue.rubric_version).criteria
    return [Pair(c, own.get(c.id), theirs.get(c.id), _apart(own.get(c.id), theirs.get(c.id))) for c in criteria]


def _apart(verdict: Verdict | None, score: CriterionScore | None) -> bool:
    if verdict is None or score is None:
        return False
    if verdict.value is None or score.value is None:
        return verdict.value is not score.value
    return abs(verdict.value - score.value) >= FAR


@allow("review.score")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, item_id: int) -> HttpResponse:
    """``/review/items/<id>/revise/``: seal another version of a sealed review, with a reason."""
    review = mine(request, item_id)
    if review.state != ReviewState.SEALED:
        return redirect("review:item", item_id)
    if again(review):
        return _later(request)
    if request.method != "POST":
        return _form(request, review, fields_of(review))
    rubric = rubric_of(review.item.queue.rubric_version)
    unread, reason = misread(request.POST, rubric), request.POST.get("reason", "")
    if unread:
        return _form(request, review, request.POST, unread=unread)
    try:
        sheet = read_sheet(request.POST, rubric)
        flaws = reviewing.revise(actor=person(request), review=review, sheet=sheet, reason=reason)
    except ReviewError as error:
        return _form(request, review, request.POST, refused=REFUSALS[error.code]())
    if flaws:
        return _form(request, review, request.POST, flaws=flaws)
    messages.success(request, _("Revised. The earlier version stays."))
    return redirect("review:sealed", item_id)


def _form(request: HttpRequest, review: Review, fields: Any, *, flaws: Any = (), unread: Any = (), refused: str = "") -> HttpResponse:
    context = {
        "review": review,
        "panel": panel_of(fields, rubric_of(review.item.queue.rubric_version), flaws, unread),
        "reason": fields.get("reason", ""),
        "refused": refused,
        "keys": keys_of("revise"),
        "blame": choices(),
        "crumbs": [(_("Review"), reverse("review:index")), (_("My reviews"), reverse("review:recent"))],
        **read_transcript(review.item),
    }
    return render(request, "review/revise.html", context, status=422 if flaws or unread or refused else 200)
