"""Which world a page is about, as its query string says: ``release`` (a number, or ``draft``) and ``seed``."""

from typing import Any

from django.http import Http404, HttpRequest

from studio.access.permissions import can
from studio.pipelines import trials
from studio.pipelines.trials import DRAFT, Place
from synthesis.models import Domain

MOST_SEED = 2**31


def place_asked(request: HttpRequest, domain: Domain) -> Place | None:
    """The world of the request; None when there is no such release. Drafts are for those who may write them.

    Raises DraftUnreadable.
    """
    which = request.GET.get("release", "")
    if which == DRAFT and not can(request.user, "catalogue.edit"):
        raise Http404
    text = request.GET.get("seed", "")
    seed = int(text) if text.isascii() and text.isdigit() and int(text) < MOST_SEED else None
    return trials.place_of(domain, which, seed)


def query_of(request: HttpRequest, place: Place) -> dict[str, Any]:
    """The query string that leads to the same world again; only what differs from the newest release is said."""
    query: dict[str, Any] = {"release": place.which} if request.GET.get("release") else {}
    return query | ({"seed": place.seed} if request.GET.get("seed") else {})
