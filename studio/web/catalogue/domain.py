"""One domain: the tools, policy and intents of its newest release, and all its releases."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
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


@allow("catalogue.view")
@require_safe
def tool(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/tools/<name>/``: one tool of the newest release: parameters, errors, JSON Schema and program."""
    domain = found(lists.domain(slug))
    release = found(newest_release(slug))
    shown = found(msgspec.convert(release.pack, Pack).tools.get(name))
    rows = [
        (key, _type(schema), key in shown.parameters.get("required", []), schema.get("description", "") if isinstance(schema, dict) else "")
        for key, schema in shown.parameters.get("properties", {}).items()
    ]
    document = {"name": shown.name, "description": shown.description, "parameters": shown.parameters, "returns": shown.returns}
    text = msgspec.json.format(msgspec.json.encode(document)).decode()
    crumbs = [(_("Catalogue"), reverse("catalogue:index")), (domain.name, reverse("catalogue:domain", args=[slug]))]
    return render(request, "catalogue/tool.html", {"tool": shown, "rows": rows, "document": text, "crumbs": crumbs})


def _type(schema: Any) -> str:
    """The type of a parameter in a few words."""
    if not isinstance(schema, dict):
        return ""
    kind = schema.get("type", "")
    return " | ".join(str(part) for part in kind) if isinstance(kind, list) else str(kind)
