"""Drawing scenarios of a domain to look at: generated in a sandbox, shown, and not stored."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found
from studio.pipelines import trials
from studio.pipelines.replaying import drawn
from studio.pipelines.trials import DraftUnreadable
from studio.web.catalogue.frame import domain_frame
from studio.web.console.places import place_asked
from studio.web.scenarios.words import VARIATION_WORDS
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.selectors import lists
from synthesis.services.desk import DeskTrouble

ALONE = tuple(name for name in VARIATIONS if name != "similar_tools")
"""Variations that need no other domain."""
MOST_DRAW = 100_000


@allow("catalogue.try")
@require_safe
def draw(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/scenarios/draw/``: five scenarios of ``variation`` and ``intent``; ``draw`` is the number of the draw,
    and the same number gives the same five.
    """
    domain = found(lists.domain(slug))
    try:
        place = found(place_asked(request, domain))
    except DraftUnreadable as unreadable:
        return render(request, "console/unreadable.html", {"domain": domain, "findings": unreadable.findings}, status=409)
    variation = request.GET.get("variation", "")
    variation = variation if variation in ALONE else ALONE[0]
    intent = request.GET.get("intent", "")
    text = request.GET.get("draw", "1")
    number = min(int(text), MOST_DRAW) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    context: dict[str, Any] = {
        "place": place,
        "variation": variation,
        "means": VARIATION_WORDS[variation],
        "variations": ALONE,
        "intent": intent if intent in place.pack.intents else "",
        "intents": list(place.pack.intents),
        "number": number,
        "following": number + 1,
        "trouble": "",
    }
    try:
        context["draw"] = drawn(place, variation, intent if intent in place.pack.intents else None, number)
    except DeskTrouble as trouble:
        context["trouble"] = trials.trouble_of(trouble)
    return render(request, "scenarios/draw.html", {**domain_frame(request, domain), **context})
