"""Personas: the list, one of them, writing one."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines.casting import persona_save, set_active
from studio.web.areas import tabs
from studio.web.cast.forms import PersonaForm
from studio.web.cast.given import SCALE, choices_of, narrowed, words_of
from studio.web.cast.words import ACTIVE, ACTS, BREVITIES, FORMALITIES, LANGUAGES, MOODS, ORIGINS
from studio.web.catalogue.frame import AREA_TABS
from studio.web.paging import page_of, read_cursor
from studio.web.runs.states import EPISODE_STATES
from synthesis.engine.participants.cast import Persona
from synthesis.engine.participants.voice import persona_lines
from synthesis.engine.participants.wording import starter_wording
from synthesis.selectors import lists, people
from synthesis.services.people import PeopleError

SIZE = 50
EPISODES = 20
TABLES = {
    "language": LANGUAGES,
    "formality": FORMALITIES,
    "brevity": BREVITIES,
    "mood": MOODS,
    "patience": SCALE,
    "expertise": SCALE,
    "active": ACTIVE,
}
LABELS = {
    "language": gettext_lazy("Language"),
    "formality": gettext_lazy("Formality"),
    "brevity": gettext_lazy("Brevity"),
    "mood": gettext_lazy("Mood"),
    "patience": gettext_lazy("Patience"),
    "expertise": gettext_lazy("Expertise"),
    "active": gettext_lazy("Cast"),
}


@allow("catalogue.view")
@require_safe
def personas(request: HttpRequest) -> HttpResponse:
    """``/catalogue/personas/``: by slug; words, language, style, patience, expertise and ``active`` narrow the list."""
    chosen, words = choices_of(request, TABLES), words_of(request)
    cursor = read_cursor(request, str)
    rows = people.personas(words=words, after=str(cursor[0]) if cursor else None, limit=SIZE + 1, **narrowed(chosen))
    page = page_of(rows, SIZE, lambda row: (row.slug,), first=cursor is None)
    played = people.played_by_personas([row.slug for row in page.items])
    lines = [(row, LANGUAGES.get(row.language, row.language), played.get(row.slug, 0)) for row in page.items]
    filters = [(name, LABELS[name], table.items(), chosen[name]) for name, table in TABLES.items()]
    context = {"tabs": tabs(request, AREA_TABS), "page": page, "lines": lines, "filters": filters, "words": words}
    return render(request, "cast/personas.html", context)


@allow("catalogue.view")
@require_safe
def persona(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/personas/<slug>/``: who it is, how it sounds (``?take=2``: other lines), what it has played."""
    row = found(lists.persona(slug))
    take = _take(request)
    cursor = read_cursor(request, int)
    episodes = people.episodes_of_persona(slug, after=int(cursor[0]) if cursor else None, limit=EPISODES + 1)
    shown = msgspec.convert(row.profile, Persona)
    context = {
        "row": row,
        "persona": shown,
        "facts": _facts(shown),
        "origin": ORIGINS[row.origin],
        "said": voice(shown, take),
        "take": take + 1,
        "page": page_of(episodes, EPISODES, lambda episode: (episode.pk,), first=cursor is None),
        "states": EPISODE_STATES,
        "played": people.played_by_personas([slug]).get(slug, 0),
        "crumbs": _crumbs(),
    }
    return render(request, "cast/persona.html", context)


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/catalogue/personas/new/``: write one; ``?from=<slug>`` begins with a copy."""
    model = lists.persona(request.GET.get("from", ""))
    form = PersonaForm(request.POST if request.method == "POST" else None, initial=_copied(model.profile) if model else {})
    return _written(request, form, new=True)


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/personas/<slug>/edit/``: change it."""
    row = found(lists.persona(slug))
    form = PersonaForm(request.POST if request.method == "POST" else None, initial=row.profile, slug=slug)
    return _written(request, form, new=False)


@allow("catalogue.edit")
@require_POST
def active(request: HttpRequest, slug: str) -> HttpResponse:
    """Let new runs cast it (``active=yes``), or not."""
    found(lists.persona(slug))
    set_active(actor=person(request), kind="persona", slug=slug, active=request.POST.get("active") == "yes")
    return redirect("cast:persona", slug)


def _written(request: HttpRequest, form: PersonaForm, *, new: bool) -> HttpResponse:
    """The form; saved, or with ``preview`` only heard, when it is filled in well."""
    said = None
    if form.is_valid():
        written = form.value()
        if "preview" in request.POST:
            said = voice(written, 0)
        else:
            try:
                persona_save(actor=person(request), persona=written, new=new)
            except PeopleError as error:
                form.blame(error.findings)
            else:
                messages.success(request, _("%(name)s is saved. Runs that start from now on cast it so.") % {"name": written.name})
                return redirect("cast:persona", written.slug)
    crumbs = _crumbs() if new else [*_crumbs(), (form.given, reverse("cast:persona", args=[form.given]))]
    context = {"form": form, "new": new, "said": said, "crumbs": crumbs}
    return render(request, "cast/persona_form.html", context, status=422 if form.errors else 200)


def voice(persona: Persona, take: int) -> list[tuple[Any, str]]:
    """What the persona says, each line with what it does by it."""
    return [(ACTS[act], line) for act, line in persona_lines(persona, starter_wording(), take, people.some_task())]


def _facts(persona: Persona) -> list[tuple[Any, Any]]:
    return [
        (LABELS["language"], LANGUAGES.get(persona.language, persona.language)),
        (LABELS["formality"], FORMALITIES[persona.formality]),
        (LABELS["brevity"], BREVITIES[persona.brevity]),
        (LABELS["mood"], MOODS[persona.mood]),
        (LABELS["patience"], _("%(n)s of 5") % {"n": persona.patience}),
        (LABELS["expertise"], _("%(n)s of 5") % {"n": persona.expertise}),
        (_("Typing slips"), f"{100 * persona.typos:.0f} %"),
    ]


def _take(request: HttpRequest) -> int:
    text = request.GET.get("take", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _copied(profile: dict[str, Any]) -> dict[str, Any]:
    return {**profile, "slug": f"{profile['slug'][:70]}_copy"}


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Catalogue"), reverse("catalogue:index")), (_("Personas"), reverse("cast:personas"))]
