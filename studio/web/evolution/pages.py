"""Evolutions: start one, watch it, steer it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.access.doors import allow, found, person, require
from studio.pipelines import evolving
from studio.web.areas import tabs
from studio.web.catalogue.frame import AREA_TABS
from studio.web.evolution.forms import CapForm, EvolveForm, in_millionths
from studio.web.evolution.words import KINDS, STAGES, STATUSES
from studio.web.paging import page_of, read_cursor
from studio.web.tags import money
from synthesis.engine.evolution.wanted import Round, Wanted
from synthesis.engine.packs.findings import Finding
from synthesis.models import DraftKind, Evolution, EvolutionDraft
from synthesis.selectors import endpoints, evolutions
from synthesis.services.evolutions import EvolutionRefused

SIZE = 25
FEW = 3
"""Findings of a draft that the tree shows; its page shows all."""


class Twig(NamedTuple):
    """A draft as the tree shows it: the findings of its last audit that forbid publishing, and what is under it."""

    draft: EvolutionDraft
    kind: Any
    stage: Any
    badge: str
    cost: str
    errors: Sequence[Finding]
    few: Sequence[Finding]
    twigs: "list[Twig]"


@allow("models.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/catalogue/evolution/``: what models were asked to add, newest first."""
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    page = page_of(evolutions.evolutions(after=after, limit=SIZE + 1), SIZE, lambda row: (row.pk,), first=after is None)
    rows = [(row, *STATUSES[row.status], wanted_words(row), money(row.spent)) for row in page.items]
    context = {"tabs": tabs(request, AREA_TABS), "page": page, "rows": rows, "writers": endpoints.for_purpose("author")}
    return render(request, "evolution/index.html", context)


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/catalogue/evolution/new/``: choose what to add; POST starts it. ``?parent=slug`` and ``?wordings=slug`` fill it in."""
    writers = endpoints.for_purpose("author")
    initial: dict[str, Any] = {"endpoint": endpoints.default_cast().get("author", "")}
    initial |= {name: request.GET[name] for name in ("parent", "category") if name in request.GET}
    if "wordings" in request.GET:
        initial["wordings"] = [request.GET["wordings"]]
    if initial.get("parent") or initial.get("category"):
        initial["domains"] = 1
    form = EvolveForm(request.POST or None, initial=initial, endpoints=writers)
    if request.method == "POST" and form.is_valid():
        try:
            row = evolving.evolution_ask(
                actor=person(request),
                endpoint=form.cleaned_data["endpoint"],
                wanted=form.wanted(),
                at_once=form.cleaned_data["at_once"],
                limit=form.limit_in_millionths(),
            )
            return redirect("evolution:evolution", row.pk)
        except EvolutionRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    context = {"form": form, "writers": writers, "crumbs": _crumbs()}
    return render(request, "evolution/new.html", context, status=422 if request.method == "POST" else 200)


@allow("models.view")
@require_safe
def evolution(request: HttpRequest, evolution_id: int) -> HttpResponse:
    """``/catalogue/evolution/<id>/``: its tree of drafts, anew by itself while it is at work."""
    row = found(evolutions.evolution(evolution_id))
    return render(request, "evolution/evolution.html", {**_state(row), "crumbs": _crumbs()})


@allow("models.view")
@require_safe
def tree(request: HttpRequest, evolution_id: int) -> HttpResponse:
    """The part of that page that moves; everybody but htmx gets the page."""
    row = found(evolutions.evolution(evolution_id))
    if request.headers.get("HX-Request") != "true":
        return redirect("evolution:evolution", evolution_id)
    return render(request, "evolution/tree.html", _state(row))


@allow("catalogue.edit")
@require_POST
def pause(request: HttpRequest, evolution_id: int) -> HttpResponse:
    """Stop; the call under way is called off."""
    return _steer(request, evolution_id, lambda row: evolving.evolution_pause(actor=person(request), evolution=row))


@allow("catalogue.edit")
@require_POST
def resume(request: HttpRequest, evolution_id: int) -> HttpResponse:
    """Go on, with the cap that is given, if one is."""
    form = CapForm(request.POST)
    limit = in_millionths(form.cleaned_data["limit"]) if form.is_valid() else None
    return _steer(request, evolution_id, lambda row: evolving.evolution_resume(actor=person(request), evolution=row, limit=limit))


@allow("catalogue.edit")
@require_POST
def cancel(request: HttpRequest, evolution_id: int) -> HttpResponse:
    """Draft no more."""
    return _steer(request, evolution_id, lambda row: evolving.evolution_cancel(actor=person(request), evolution=row))


def _steer(request: HttpRequest, evolution_id: int, move: Callable[[Evolution], None]) -> HttpResponse:
    require(request, "models.view")
    row = found(evolutions.evolution(evolution_id))
    try:
        move(row)
    except EvolutionRefused as refused:
        messages.error(request, str(refused))
    return redirect("evolution:evolution", evolution_id)


def wanted_words(row: Evolution) -> list[str]:
    """What was asked for, in phrases."""
    wanted = msgspec.convert(row.wanted, Wanted)
    numbers = {"domains": wanted.domains, "categories": wanted.categories, "category": wanted.category, "parent": wanted.parent}
    said = []
    if wanted.categories:
        said.append(_("new categories: %(categories)d, domains in each: %(domains)d") % numbers)
    elif wanted.category:
        said.append(_("domains in %(category)s: %(domains)d") % numbers)
    elif wanted.parent:
        said.append(_("siblings of %(parent)s: %(domains)d") % numbers)
    if wanted.personas:
        said.append(_("personas in each language: %(number)d") % {"number": wanted.personas})
    if wanted.agents:
        said.append(_("agent profiles: %(number)d") % {"number": wanted.agents})
    if wanted.wordings:
        said.append(_("wordings for %(domains)s") % {"domains": ", ".join(wanted.wordings)})
    return said


def _state(row: Evolution) -> dict[str, Any]:
    """Everything the tree shows."""
    word, badge = STATUSES[row.status]
    return {
        "evolution": row,
        "word": word,
        "badge": badge,
        "wanted": wanted_words(row),
        "spent": money(row.spent),
        "limit": money(row.limit) if row.limit is not None else None,
        "tree": _tree(row.pk),
        "cap": CapForm(),
        "can_cap": row.status == "paused" and row.limit is not None,
    }


def _tree(evolution_id: int) -> list[Twig]:
    found_in = evolutions.findings_of(evolution_id)
    roots: list[Twig] = []
    twigs: dict[int, Twig] = {}
    for draft in evolutions.drafts_of(evolution_id):
        rounds = found_in.get(draft.pk)
        errors = msgspec.convert(rounds[-1], Round).errors if rounds and draft.stage != "published" else []
        twig = Twig(draft, KINDS[draft.kind], *STAGES[draft.stage], money(draft.cost), errors, errors[:FEW], [])
        twigs[draft.pk] = twig
        parent = twigs.get(draft.parent_id or 0)
        (parent.twigs if parent and draft.kind == DraftKind.DOMAIN else roots).append(twig)
    return roots


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Catalogue"), reverse("catalogue:index")), (_("Evolution"), reverse("evolution:index"))]
