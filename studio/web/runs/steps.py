"""A step of an episode: what the inspector shows of it, its raw event; and the whole trajectory as a file."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors.judgements import sheets
from judging.selectors.transcripts import openai_chat, transcript
from studio.access.blindness import names_models
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import viewing, world_tables, world_view
from studio.pipelines.trials import trouble_of
from synthesis.models import Episode, Event
from synthesis.selectors import episodes
from synthesis.services.desk import DeskTrouble

MOST_SEQ = 2**31 - 1


@allow("episodes.view")
@require_safe
def step(request: HttpRequest, episode_id: int, seq: int) -> HttpResponse:
    """One step. ``?tab=``: the world at it, its event, checks or scores. A fragment for scripts, a page for everybody else."""
    looked_at = found(episodes.episode_get(episode_id))
    event = found(episodes.event_get(episode_id, min(seq, MOST_SEQ)))
    context = {"episode": looked_at} | inspected(request, looked_at, event)
    if request.headers.get("HX-Request") == "true":
        return render(request, "episodes/inspector.html", context)
    way = [(f"{_('Episode')} {looked_at.index}", f"{reverse('runs:episode', args=[episode_id])}#e{seq}")]
    return render(request, "episodes/step.html", context | {"crumbs": way})


@allow("episodes.view")
@require_safe
def table(request: HttpRequest, episode_id: int, seq: int) -> HttpResponse:
    """All rows of a table of the world at a step. ``?table=`` names it (the first one when left out), ``&after=<key>`` goes on."""
    looked_at = found(episodes.episode_get(episode_id))
    event = found(episodes.event_get(episode_id, min(seq, MOST_SEQ)))
    context: dict[str, Any] = {"episode": looked_at, "event": event, "after": request.GET.get("after", "")[:200]}
    try:
        context["at"] = found(world_tables.table_at(looked_at, event.seq, request.GET.get("table", ""), context["after"]))
    except DeskTrouble as trouble:
        context["trouble"] = trouble_of(trouble)
    page = reverse("runs:episode", args=[episode_id])
    crumbs = [(f"{_('Episode')} {looked_at.index}", f"{page}#e{seq}"), (f"{_('Step')} {seq}", f"{page}?step={seq}#e{seq}")]
    return render(request, "episodes/table.html", context | {"crumbs": crumbs})


@allow("episodes.view")
@require_safe
def raw(request: HttpRequest, episode_id: int, seq: int) -> HttpResponse:
    """An event's payload as a file, for what is too large for a page."""
    event = found(episodes.event_get(episode_id, min(seq, MOST_SEQ)))
    looked_at = found(episodes.episode_get(episode_id))
    names = names_models(person(request), looked_at.run_id)
    return _file(viewing.whole(event, names=names), f"episode-{episode_id}-event-{event.seq}.json")


@allow("episodes.view")
@require_safe
def trajectory(request: HttpRequest, episode_id: int) -> HttpResponse:
    """The conversation as a file: everything about it, or with ``?format=openai`` as chat messages with tools."""
    if request.GET.get("format") == "openai":
        return _file(_json(found(openai_chat(episode_id))), f"episode-{episode_id}-openai.json")
    return _file(_json(found(transcript(episode_id))), f"episode-{episode_id}.json")


def inspected(request: HttpRequest, looked_at: Episode, event: Event) -> dict[str, Any]:
    """What ``episodes/inspector.html`` needs beside the episode; only what the chosen tab shows is read."""
    names = [("world", _("World")), ("raw", _("Raw"))]
    if can(person(request), "judgements.view", looked_at.pk):
        names += [("checks", _("Checks")), ("scores", _("Scores"))]
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(names) else "world"
    url = reverse("runs:step", args=[looked_at.pk, event.seq])
    context: dict[str, Any] = {"event": event, "tab": tab, "tabs": [(name, label, f"{url}?tab={name}") for name, label in names]}
    context["forkable"] = can(person(request), "runs.start") and event.kind not in {"user_feedback", "episode_ended"}
    if tab == "world":
        changes = world_view.world_at(episodes.deltas_until(looked_at.pk, event.seq), event.seq)
        context["tables"] = world_view.by_table(changes)
    elif tab == "raw":
        context["raw"] = viewing.raw_of(event, names=names_models(person(request), looked_at.run_id))
    else:
        context["sheets"] = sheets(looked_at.pk)
    return context


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
