"""One domain: the tools, policy and intents of its newest release, and all its releases."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found
from studio.web.catalogue.frame import domain_frame
from studio.web.paging import page_of, read_cursor
from synthesis.engine.packs.model import Pack
from synthesis.selectors import lists
from synthesis.selectors.browse import newest_release, releases_audited

SIZE = 50


def pack_page(request: HttpRequest, slug: str, here: str) -> HttpResponse:
    """A tab that shows the pack of the newest release."""
    domain = found(lists.domain(slug))
    release = newest_release(slug)
    pack = msgspec.convert(release.pack, Pack) if release else None
    return render(request, f"catalogue/{here}.html", {**domain_frame(request, domain), "release": release, "pack": pack})


@allow("catalogue.view")
@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/``: its tools."""
    return pack_page(request, slug, "domain")


@allow("catalogue.view")
@require_safe
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/policy/``: its rules, each with the check that tests it."""
    return pack_page(request, slug, "policy")


@allow("catalogue.view")
@require_safe
def intents(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/intents/``: what its users want, in their words."""
    return pack_page(request, slug, "intents")


@allow("catalogue.view")
@require_safe
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/releases/``: what was published, newest first."""
    domain = found(lists.domain(slug))
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    page = page_of(releases_audited(slug, after=after, limit=SIZE + 1), SIZE, lambda row: (row.number,), first=after is None)
    return render(request, "catalogue/releases.html", {**domain_frame(request, domain), "page": page})
