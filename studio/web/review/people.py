"""Reviewers' cards: one's own, and everybody's for those who manage reviews."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from judging.selectors.reviewer_cards import cards
from studio.access.doors import allow, person
from studio.web.areas import tabs
from studio.web.review.tabs import TABS


@allow("review.view")
@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """``/review/card/``: how I do. Gold and repeated items count from the next day on, so that nobody learns which of today's they were."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = cards(reviewer_id=person(request).pk, probes_until=midnight)
    return render(request, "review/card.html", {"tabs": tabs(request, TABS), "card": mine[0] if mine else None})


@allow("review.manage")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """``/review/people/``: everybody's."""
    return render(request, "review/people.html", {"tabs": tabs(request, TABS), "cards": cards()})
