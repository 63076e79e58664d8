"""Agent profiles: the list, one of them, writing one."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from judging.selectors.figures import figures_of_agents
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines.casting import agent_save, set_active
from studio.web.areas import tabs
from studio.web.cast.forms import AgentForm
from studio.web.cast.given import choices_of, narrowed, words_of
from studio.web.cast.words import ACTIVE, ACTS, ASKS, LANGUAGES, ORIGINS, TONES
from studio.web.catalogue.frame import AREA_TABS
from studio.web.paging import page_of, read_cursor
from studio.web.runs.states import EPISODE_STATES
from synthesis.engine.participants.cast import AgentProfile
from synthesis.engine.participants.factory import system_prompt
from synthesis.engine.participants.voice import agent_lines
from synthesis.engine.participants.wording import starter_wording
from synthesis.selectors import lists, people
from synthesis.services.people import PeopleError

SIZE = 50
EPISODES = 20
TABLES = {"tone": TONES, "origin": ORIGINS, "active": ACTIVE}
LABELS = {"tone": gettext_lazy("Tone"), "origin": gettext_lazy("Origin"), "active": gettext_lazy("Cast")}


@allow("catalogue.view")
@require_safe
def agents(request: HttpRequest) -> HttpResponse:
    """``/catalogue/agents/``: by slug, with figures for those who may see judgements; words, tone, origin, ``active`` narrow the list."""
    chosen, words = choices_of(request, TABLES), words_of(request)
    cursor = read_cursor(request, str)
    rows = people.agents(words=words, after=str(cursor[0]) if cursor else None, limit=SIZE + 1, **narrowed(chosen))
    page = page_of(rows, SIZE, lambda row: (row.slug,), first=cursor is None)
    sees_scores = can(person(request), "judgements.view")
    figures = figures_of_agents([row.slug for row in page.items], hidden_episodes(person(request))) if sees_scores else {}
    context = {
        "tabs": tabs(request, AREA_TABS),
        "page": page,
        "lines": [(row, TONES.get(row.tone, row.tone), figures.get(row.slug)) for row in page.items],
        "sees_scores": sees_scores,
        "filters": [(name, LABELS[name], table.items(), chosen[name]) for name, table in TABLES.items()],
        "words": words,
    }
    return render(request, "cast/agents.html", context)


@allow("catalogue.view")
@require_safe
def agent(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/agents/<slug>/``: who it is, how it sounds, what it is told, how it does."""
    row = found(lists.agent(slug))
    shown = msgspec.convert(row.profile, AgentProfile)
    cursor = read_cursor(request, int)
    episodes = people.episodes_of_agent(slug, after=int(cursor[0]) if cursor else None, limit=EPISODES + 1)
    sees_scores = can(person(request), "judgements.view")
    context = {
        "row": row,
        "agent": shown,
        "tone": TONES.get(shown.tone, shown.tone),
        "asks": ASKS.get(shown.asks, shown.asks),
        "origin": ORIGINS[row.origin],
        "voices": voices(shown),
        "prompt": _prompt(shown),
        "sees_scores": sees_scores,
        "figures": figures_of_agents([slug], hidden_episodes(person(request))).get(slug) if sees_scores else None,
        "page": page_of(episodes, EPISODES, lambda episode: (episode.pk,), first=cursor is None),
        "states": EPISODE_STATES,
        "crumbs": _crumbs(),
    }
    return render(request, "cast/agent.html", context)


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/catalogue/agents/new/``: write one; ``?from=<slug>`` begins with a copy."""
    model = lists.agent(request.GET.get("from", ""))
    copied = {**model.profile, "slug": f"{model.slug[:70]}_copy"} if model else {}
    form = AgentForm(request.POST if request.method == "POST" else None, initial=copied)
    return _written(request, form, new=True)


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/agents/<slug>/edit/``: change it."""
    row = found(lists.agent(slug))
    form = AgentForm(request.POST if request.method == "POST" else None, initial=row.profile, slug=slug)
    return _written(request, form, new=False)


@allow("catalogue.edit")
@require_POST
def active(request: HttpRequest, slug: str) -> HttpResponse:
    """Let new runs cast it (``active=yes``), or not."""
    found(lists.agent(slug))
    set_active(actor=person(request), kind="agent", slug=slug, active=request.POST.get("active") == "yes")
    return redirect("cast:agent", slug)


def _written(request: HttpRequest, form: AgentForm, *, new: bool) -> HttpResponse:
    """The form; saved, or with ``preview`` only heard, when it is filled in well."""
    heard = None
    if form.is_valid():
        written = form.value()
        if "preview" in request.POST:
            heard = voices(written)
        else:
            try:
                agent_save(actor=person(request), agent=written, new=new)
            except PeopleError as error:
                form.blame(error.findings)
            else:
                messages.success(request, _("%(name)s is saved. Runs that start from now on cast it so.") % {"name": written.slug})
                return redirect("cast:agent", written.slug)
    crumbs = _crumbs() if new else [*_crumbs(), (form.given, reverse("cast:agent", args=[form.given]))]
    context = {"form": form, "new": new, "voices": heard, "crumbs": crumbs}
    return render(request, "cast/agent_form.html", context, status=422 if form.errors else 200)


def voices(agent: AgentProfile) -> list[tuple[Any, list[tuple[Any, str]]]]:
    """What the agent says in each language, each line with what it does by it."""
    words = starter_wording()
    return [(LANGUAGES[code], [(ACTS[act], line) for act, line in agent_lines(agent, words, code, 0)]) for code in words]


def _prompt(agent: AgentProfile) -> str:
    """Its system prompt in a task of the catalogue; "" while there is none."""
    task = people.some_task()
    return system_prompt(agent, task.pack, "en", task.scenario.now) if task else ""


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Catalogue"), reverse("catalogue:index")), (_("Agents"), reverse("cast:agents"))]
