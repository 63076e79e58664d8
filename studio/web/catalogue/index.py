"""The catalogue: every domain, by category."""

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.access.doors import allow
from studio.web.areas import tabs
from studio.web.catalogue.frame import AREA_TABS
from studio.web.paging import page_of, read_cursor
from synthesis.models import Domain
from synthesis.selectors import registry
from synthesis.selectors.browse import domains_by_category

SIZE = 50
FILTERS = ("words", "category", "origin", "status")


class Branch(NamedTuple):
    """A category of the tree: its path, its name within its parent, how many domains are in it, what it holds."""

    path: str
    name: str
    domains: int
    branches: "list[Branch]"


@allow("catalogue.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/catalogue/``: domains by category; ``words``, ``category``, ``origin`` and ``status`` narrow the list."""
    given = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS}
    cursor = read_cursor(request, str, str)
    after = (str(cursor[0]), str(cursor[1])) if cursor else None
    rows = domains_by_category(**given, after=after, limit=SIZE + 1)
    page = page_of(rows, SIZE, lambda row: (row.category, row.slug), first=after is None)
    context = {
        "tree": _tree(registry.categories()),
        "tools": registry.tools_named(given["words"]) if given["words"] else [],
        "intents": registry.intents_named(given["words"]) if given["words"] else [],
        "tabs": tabs(request, AREA_TABS),
        "page": page,
        "given": given,
        "origins": Domain.Origin.values,
        "statuses": Domain.Status.values,
    }
    return render(request, "catalogue/index.html", context)


def _tree(categories: Sequence[tuple[str, int]]) -> list[Branch]:
    """Key categories with what they hold, one level deep: deeper paths belong to their application."""
    tree: dict[str, dict[str, int]] = {}
    for path, domains in categories:
        key, _slash, rest = path.partition("/")
        held = tree.setdefault(key, {})
        application = rest.partition("/")[0]
        held[application] = held.get(application, 0) + domains
    return [
        Branch(
            key,
            key,
            sum(held.values()),
            [Branch(f"{key}/{name}", name, number, []) for name, number in held.items() if name] if len(held) > 1 else [],
        )
        for key, held in tree.items()
    ]
