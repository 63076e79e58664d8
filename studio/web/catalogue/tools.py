"""Tools: the registry over all domains, and the page of one."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.web.areas import tabs
from studio.web.catalogue.frame import AREA_TABS
from studio.web.paging import page_of, read_cursor
from synthesis.engine.packs.model import LANGUAGES, Pack
from synthesis.engine.packs.model import Tool as PackTool
from synthesis.models import Tool
from synthesis.selectors import lists, registry
from synthesis.selectors.browse import newest_release

SIZE = 50
FILTERS = ("words", "domain", "effect", "kind", "side", "status")


@allow("catalogue.view")
@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """``/catalogue/tools/``: tools of the newest releases by name; ``words``, ``domain``, ``effect``, ``kind``, ``side`` and ``status``
    narrow the list."""
    given = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS}
    cursor = read_cursor(request, str, int)
    after = (str(cursor[0]), int(cursor[1])) if cursor else None
    page = page_of(registry.tools_newest(**given, after=after, limit=SIZE + 1), SIZE, lambda row: (row.name, row.pk), first=after is None)
    context = {
        "tabs": tabs(request, AREA_TABS),
        "page": page,
        "given": given,
        "effects": Tool.Effect.values,
        "kinds": Tool.Kind.values,
        "statuses": Tool.Status.values,
    }
    return render(request, "catalogue/tools.html", context)


@allow("catalogue.view")
@require_safe
def tool(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/tools/<name>/``: one tool of the newest release: what it takes and gives, its program, how it is used."""
    domain = found(lists.domain(slug))
    release = found(newest_release(slug))
    pack = msgspec.convert(release.pack, Pack)
    shown = found(pack.tools.get(name))
    row = registry.tool_named(release.digest, name)
    document = {"name": shown.name, "description": shown.description, "parameters": shown.parameters, "returns": shown.returns}
    context: dict[str, Any] = {
        "domain": domain,
        "release": release,
        "tool": shown,
        "row": row,
        "errors": registry.tool_errors(row.pk) if row else [],
        "past": registry.tool_past(row.pk, name) if row and can(person(request), "episodes.view") else [],
        "parameters": properties_of(shown.parameters),
        "returns": properties_of(_items(shown.returns)),
        "examples": [(error, msgspec.json.encode(error.example).decode()) for error in shown.errors if error.example is not None],
        "intents": [intent.id for intent in pack.intents.values() if any(call.call == name for call in intent.gold)],
        "document": msgspec.json.format(msgspec.json.encode(document)).decode(),
        "lines": shown.program.rstrip("\n").split("\n"),
        "words": _own_words(shown),
        "crumbs": [(_("Catalogue"), reverse("catalogue:index")), (domain.name, reverse("catalogue:domain", args=[slug]))],
    }
    return render(request, "catalogue/tool.html", context)


def _own_words(tool: PackTool) -> list[tuple[str, list[str]]]:
    """How a tool of the user's side is asked for and told of, in each language."""
    asked, told = _("How it is asked for"), _("How it is told")
    lines = [(f"{asked} ({language})", tool.lines("asks", language)) for language in LANGUAGES]
    lines += [(f"{told} ({language})", tool.lines("reports", language)) for language in LANGUAGES]
    return lines if tool.of_user else []


def properties_of(schema: Any) -> list[tuple[str, str, bool, str, str]]:
    """The properties of a JSON Schema as rows: name, type in a few words, whether it is required, description, table it refers to."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return [
        (name, type_of(part), name in schema.get("required", []), str(part.get("description", "")), str(part.get("ref", "")))
        for name, part in properties.items()
        if isinstance(part, dict)
    ]


def type_of(schema: dict[str, Any]) -> str:
    """The type of a value in a few words."""
    if isinstance(schema.get("enum"), list):
        return " | ".join(msgspec.json.encode(value).decode() for value in schema["enum"])
    kinds = schema.get("type", "")
    words = " | ".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds)
    items = schema.get("items")
    return f"{words} of {type_of(items)}" if kinds == "array" and isinstance(items, dict) and "type" in items else words


def _items(schema: dict[str, Any]) -> Any:
    """The schema of one record, where a tool returns several."""
    return schema.get("items", {}) if schema.get("type") == "array" else schema
