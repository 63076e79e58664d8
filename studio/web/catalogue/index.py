"""The catalogue: every domain, by category."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.access.doors import allow
from studio.web.areas import tabs
from studio.web.catalogue.frame import AREA_TABS
from studio.web.paging import page_of, read_cursor
from synthesis.models import Domain
from synthesis.selectors.browse import domains_by_category

SIZE = 50
FILTERS = ("words", "category", "origin", "status")


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
        "tabs": tabs(request, AREA_TABS),
        "page": page,
        "given": given,
        "origins": Domain.Origin.values,
        "statuses": Domain.Status.values,
    }
    return render(request, "catalogue/index.html", context)
