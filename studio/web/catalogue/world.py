"""The world of a domain: the tables of one seed, row by row; or of the visitor's own copy after the calls they made."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import trials
from studio.pipelines.trials import DraftUnreadable, Place
from studio.pipelines.value_view import cell_text
from studio.web.catalogue.frame import domain_frame
from studio.web.console.places import place_asked, query_of
from studio.web.paging import cursor_of, read_cursor
from synthesis.engine.packs.model import Column
from synthesis.engine.trials.tables import TableLook, TableRows
from synthesis.selectors import lists
from synthesis.services.desk import DeskTrouble

SIZE = 50


@allow("catalogue.view")
@require_safe
def world(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/world/``. ``release`` and ``seed`` choose the world; ``table``, ``words`` (in ``column``) and ``key`` its
    rows; ``mine=1`` shows the visitor's own copy.
    """
    domain = found(lists.domain(slug))
    frame = domain_frame(request, domain)
    try:
        place = place_asked(request, domain)
    except DraftUnreadable as unreadable:
        return render(request, "console/unreadable.html", {"domain": domain, "findings": unreadable.findings}, status=409)
    if place is None:
        if request.GET.get("release"):
            found(place)
        return render(request, "catalogue/world.html", frame | {"pack": None})
    mine = request.GET.get("mine") == "1" and can(request.user, "catalogue.try")
    made = trials.calls_made(person(request), place) if mine else []
    look = _look(request, place)
    context: dict[str, Any] = {"place": place, "pack": place.pack, "look": look, "mine": mine, "calls": len(made), "trouble": ""}
    try:
        context |= _shown(request, place, look, trials.rows(place, made, look), mine)
    except DeskTrouble as trouble:
        context["trouble"] = trials.trouble_of(trouble)
    return render(request, "catalogue/world.html", frame | context)


def _look(request: HttpRequest, place: Place) -> TableLook:
    """What is asked for; the first table without a word."""
    given = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("table", "words", "column", "key")}
    if given["table"] not in place.pack.tables:
        given["table"] = next(iter(place.pack.tables), "")
    cursor = read_cursor(request, str)
    return TableLook(**given, after=str(cursor[0]) if cursor else "", limit=SIZE)


def _shown(request: HttpRequest, place: Place, look: TableLook, rows: TableRows, mine: bool) -> dict[str, Any]:
    spec = place.pack.tables[look.table]
    base = query_of(request, place) | ({"mine": 1} if mine else {})
    address = reverse("catalogue:world", args=[place.domain.slug])
    grid = [
        (
            row[spec.key] in rows.changed_keys,
            [(cell_text(row[column]), _target(address, base, spec.columns[column], row[column])) for column in spec.columns],
        )
        for row in rows.rows
    ]
    last = str(rows.rows[-1][spec.key]) if rows.rows else ""
    return {
        "tables": [
            (name, rows.counts[name], rows.changed[name], _way(address, base, table=name), name == look.table) for name in place.pack.tables
        ],
        "columns": [(name, _type(column), column.ref or "", name == spec.key) for name, column in spec.columns.items()],
        "grid": grid,
        "now": rows.now,
        "next": cursor_of((last,)) if rows.more else "",
        "base": base,
        "total": rows.counts[look.table],
    }


def _type(column: Column) -> str:
    kind = column.schema.get("type", "")
    return " | ".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _target(address: str, base: dict[str, Any], column: Column, value: Any) -> str:
    """Where a reference leads; "" for other values."""
    return _way(address, base, table=column.ref, key=value) if column.ref and isinstance(value, str) else ""


def _way(address: str, base: dict[str, Any], **query: Any) -> str:
    return f"{address}?{urlencode(base | query)}"
