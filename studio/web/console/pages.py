"""The try-it console: one tool, a form made from its schema, what the call gave, and the calls before it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from studio.access.doors import allow, found, person
from studio.pipelines import trials, value_view, world_view
from studio.pipelines.trials import DraftUnreadable, Made, Place, TrialRefused
from studio.web.console.fields import BadText, Field, fields_of, pretty, read_arguments, read_form, show
from studio.web.console.menu import Choice, filling_of, menu
from studio.web.console.places import place_asked, query_of
from synthesis.engine.packs.model import Tool
from synthesis.engine.world.machine import Broken
from synthesis.selectors import lists
from synthesis.services.desk import DeskTrouble


class Line(NamedTuple):
    """A call of the history."""

    number: int
    call: Made
    line: str
    url: str
    again: str


class Form:
    """The form as it stands: its fields, the JSON view, which of the two is shown, and what is wrong."""

    def __init__(self, tool: Tool) -> None:
        self.fields: list[Field] = fields_of(tool.parameters)
        self.text, self.as_json, self.error = "{}", False, ""

    def put(self, args: dict[str, Any]) -> None:
        """Fill in; the JSON view is shown when the fields cannot express ``args``."""
        self.text = pretty(args)
        if not show(self.fields, args):
            self.as_json = True

    def read(self, request: HttpRequest) -> dict[str, Any] | None:
        """The arguments that were sent; None when something must be mended first."""
        self.as_json = request.POST.get("view") == "json"
        if not self.as_json:
            return read_form(self.fields, request.POST)
        self.text = request.POST.get("arguments", "")
        try:
            return read_arguments(self.text)
        except BadText as bad:
            self.error = str(bad)
            return None


@allow("catalogue.try")
@require_http_methods(["GET", "POST"])
def tool(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/tools/<name>/try/``. ``release`` and ``seed`` choose the world, ``at`` a call to look at, ``fill`` what
    to fill in, ``view=json`` the JSON view. POST makes the call and leads to it.
    """
    domain = found(lists.domain(slug))
    try:
        place = found(place_asked(request, domain))
    except DraftUnreadable as unreadable:
        return render(request, "console/unreadable.html", {"domain": domain, "findings": unreadable.findings}, status=409)
    shown = found(place.pack.tools.get(name))
    form = Form(shown)
    if request.method == "POST":
        args = form.read(request)
        try:
            if args is not None:
                return _called(request, place, shown, args)
        except TrialRefused as refused:
            form.error = str(refused)
        except DeskTrouble as trouble:
            form.error = trials.trouble_of(trouble)
        return _page(request, place, shown, form, status=422)
    return _page(request, place, shown, form)


@allow("catalogue.try")
@require_POST
def reset(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Back to the seeded world: the calls are forgotten."""
    domain = found(lists.domain(slug))
    try:
        place = found(place_asked(request, domain))
    except DraftUnreadable:
        return HttpResponseRedirect(_address(slug, name, release=trials.DRAFT))
    trials.trial_reset(user=person(request), place=place)
    return HttpResponseRedirect(_address(slug, name, **query_of(request, place)))


def _called(request: HttpRequest, place: Place, shown: Tool, args: dict[str, Any]) -> HttpResponse:
    number = trials.trial_call(user=person(request), place=place, tool=shown.name, args=args, now=timezone.now())
    view = {"view": "json"} if request.POST.get("view") == "json" else {}
    way = _address(place.domain.slug, shown.name, **query_of(request, place), at=number, **view)
    return HttpResponseRedirect(f"{way}#result")


def _page(request: HttpRequest, place: Place, shown: Tool, form: Form, status: int = 200) -> HttpResponse:
    made = trials.calls_made(person(request), place)
    context: dict[str, Any] = {"trouble": "", "looked": None}
    number = _number(request.GET.get("at"), len(made))
    try:
        if request.method == "GET":
            context |= _filled(request, place, made, shown, form, number)
        if number:
            context |= _looked(place, made, number)
        offered = trials.keys(place, made, sorted({field.ref for field in form.fields if field.ref}))
        for field in form.fields:
            field.keys = offered.get(field.ref, ())
    except DeskTrouble as trouble:
        context["trouble"] = trials.trouble_of(trouble)
    if request.method == "GET" and request.GET.get("view") in ("json", "form"):
        form.as_json = request.GET["view"] == "json" or form.as_json
    base = query_of(request, place)
    return render(request, "console/tool.html", context | _frame(request, place, shown, form, made, base), status=status)


def _frame(request: HttpRequest, place: Place, shown: Tool, form: Form, made: Sequence[Made], base: dict[str, Any]) -> dict[str, Any]:
    slug = place.domain.slug
    here = _address(slug, shown.name, **base)
    kept = {key: request.GET[key] for key in ("fill", "at") if key in request.GET}
    return {
        "place": place,
        "tool": shown,
        "form": form,
        "here": here,
        "view_url": _address(slug, shown.name, **base, **kept, view="form" if form.as_json else "json"),
        "world_url": f"{reverse('catalogue:world', args=[slug])}?{urlencode(base | {'mine': 1})}",
        "reset_url": f"{reverse('console:reset', args=[slug, shown.name])}?{urlencode(base)}",
        "tools": [(other.name, _address(slug, other.name, **base), other.name == shown.name) for other in place.pack.tools.values()],
        "menu": _with_urls(menu(place.pack, shown, trials.past_calls(place, shown.name)), slug, shown.name, base),
        "history": [_line(number, call, slug, base) for number, call in reversed(list(enumerate(made, 1)))],
        "full": len(made) >= trials.MOST_CALLS,
        "fragment": request.headers.get("HX-Request") == "true",
        "crumbs": [
            (_("Catalogue"), reverse("catalogue:index")),
            (place.domain.name, reverse("catalogue:domain", args=[slug])),
            (shown.name, reverse("catalogue:tool", args=[slug, shown.name])),
        ],
    }


def _with_urls(groups: Sequence[tuple[Any, Sequence[Choice]]], slug: str, name: str, base: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    return [(label, [(choice.label, _address(slug, name, **base, fill=choice.fill)) for choice in choices]) for label, choices in groups]


def _line(number: int, call: Made, slug: str, base: dict[str, Any]) -> Line:
    line = ", ".join(
        f"{name}: {value if isinstance(value, str) else msgspec.json.encode(value).decode()}" for name, value in call.args.items()
    )
    way = _address(slug, call.tool, **base, at=number)
    return Line(number, call, line[:160], f"{way}#result", _address(slug, call.tool, **base, fill=f"call:{number}"))


def _filled(request: HttpRequest, place: Place, made: Sequence[Made], shown: Tool, form: Form, number: int | None) -> dict[str, Any]:
    """Fill the form as the query string says; without a word with what the call that is looked at was made with."""
    wanted = request.GET.get("fill", "")
    kind, _colon, rest = wanted.partition(":")
    looked_at = _number(rest, len(made)) if kind == "call" else None if wanted else number
    if looked_at:
        if made[looked_at - 1].tool == shown.name:
            form.put(made[looked_at - 1].args)
        return {}
    if not wanted:
        return {}
    if kind == "past":
        args = next((use.args for use in trials.past_calls(place, shown.name) if f"{use.episode}:{use.call}" == rest), None)
    else:
        filling = filling_of(wanted, place.pack, shown)
        args = trials.filled(place, made, shown.name, filling) if filling else None
    if args is None:
        return {"trouble": _("This world has no such example. Choose another one, or another seed.")}
    form.put(args)
    return {}


def _looked(place: Place, made: Sequence[Made], number: int) -> dict[str, Any]:
    outcome = trials.outcome_of(place, made, number)
    return {
        "looked": number,
        "looked_call": made[number - 1],
        "outcome": outcome,
        "shape": value_view.shape_of(outcome.result) if outcome.error is None else None,
        "changes": [world_view.change_of(msgspec.to_builtins(change)) for change in outcome.delta],
        "rules": [(broken, _rule(place, broken)) for broken in outcome.broken],
        "declared": _declared(place, made[number - 1]),
    }


def _rule(place: Place, broken: Broken) -> str:
    return place.pack.policy[broken.rule].rule if broken.rule is not None and broken.rule < len(place.pack.policy) else ""


def _declared(place: Place, call: Made) -> str | None:
    """When the tool gives this error, as declared; None when it is not a declared one."""
    spec = place.pack.tools.get(call.tool)
    if call.error is None or spec is None:
        return None
    return next((error.when for error in spec.errors if error.code == call.error.code), None)


def _address(slug: str, name: str, **query: Any) -> str:
    way = reverse("console:tool", args=[slug, name])
    return f"{way}?{urlencode(query)}" if query else way


def _number(text: str | None, most: int) -> int | None:
    """A call's number that exists, or None."""
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
    return number if 1 <= number <= most else None
