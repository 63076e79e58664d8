"""The episode viewer: its page, a step, an event's raw text."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors.judgements import sheets
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import viewing
from studio.pipelines.phases import Phase, elapsed_of, phase_of
from studio.web.runs.keys import KEYS
from synthesis.models import Episode, Event
from synthesis.selectors import episodes

WINDOW = 500
"""Events in the page; earlier ones are a link away."""
MOST_SEQ = 2**31 - 1


@allow("episodes.view")
@require_safe
def episode(request: HttpRequest, episode_id: int) -> HttpResponse:
    """``/runs/episodes/<id>/``. ``?before=<seq>`` shows the events before that one, ``?find=<text>&hit=<n>`` the n-th place of a text."""
    looked_at = found(episodes.episode_get(episode_id))
    search = _search(request, looked_at)
    before = _number(request.GET.get("before")) or search.get("before") or MOST_SEQ
    events = episodes.events_before(looked_at.pk, before, WINDOW)
    tools = episodes.tools_offered(looked_at.pk)
    entries = viewing.entries_of(events, tools, _beyond(looked_at, events, before))
    last = events[-1].seq if events else -1
    context: dict[str, Any] = {
        "episode": looked_at,
        "episode_id": looked_at.pk,
        "entries": entries,
        "outline": [(event.seq, event.kind, event.head, _is_error(event)) for event in events],
        "first": events[0].seq if events else 0,
        "last": last,
        "phase": _phase(looked_at),
        "strip": _strip(looked_at, events),
        "keys": KEYS,
        "crumbs": [(_("Runs"), reverse("runs:index")), (f"{_('Run')} {looked_at.run_id}", reverse("runs:run", args=[looked_at.run_id]))],
    }
    context["live"] = before == MOST_SEQ and not context["phase"].over
    return render(request, "episodes/episode.html", context | search)


@allow("episodes.view")
@require_safe
def step(request: HttpRequest, episode_id: int, seq: int) -> HttpResponse:
    """One step: the world at it, its event, checks and scores. A fragment for scripts, a page for everybody else."""
    looked_at = found(episodes.episode_get(episode_id))
    event = found(episodes.event_get(episode_id, min(seq, MOST_SEQ)))
    context = {
        "episode": looked_at,
        "event": event,
        "changes": viewing.world_at(episodes.deltas_until(episode_id, event.seq), event.seq),
        "raw": viewing.raw_of(event),
        "sheets": sheets(episode_id) if can(person(request), "judgements.view") else None,
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "episodes/inspector.html", context)
    way = [(f"{_('Episode')} {looked_at.index}", f"{reverse('runs:episode', args=[episode_id])}#e{seq}")]
    return render(request, "episodes/step.html", context | {"crumbs": way})


@allow("episodes.view")
@require_safe
def raw(request: HttpRequest, episode_id: int, seq: int) -> HttpResponse:
    """An event's payload as a file, for what is too large for a page."""
    event = found(episodes.event_get(episode_id, min(seq, MOST_SEQ)))
    name = f"episode-{episode_id}-event-{event.seq}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(viewing.whole(event), content_type="application/json; charset=utf-8", headers=headers)


def _search(request: HttpRequest, looked_at: Episode) -> dict[str, Any]:
    text = request.GET.get("find", "").strip()[:200]
    if not text:
        return {}
    hits = episodes.heads_found(looked_at.pk, text)
    hit = min(max(_number(request.GET.get("hit")) or 1, 1), len(hits) or 1)
    url = reverse("runs:episode", args=[looked_at.pk])

    def place(number: int) -> str:
        inside = 1 <= number <= len(hits)
        return f"{url}?{urlencode({'find': text, 'hit': number})}#e{hits[number - 1]}" if inside else ""

    seq = hits[hit - 1] if hits else None
    # Half a window after the hit, unless that reaches the end anyway.
    before = seq + WINDOW // 2 if seq is not None and seq + WINDOW // 2 < looked_at.next_seq else None
    ways = {"previous_hit": place(hit - 1), "next_hit": place(hit + 1)}
    return {"find": text, "hits": hits, "hit": hit, "before": before, "found_seq": seq, **ways}


def _beyond(looked_at: Episode, events: Sequence[Event], before: int) -> list[Event]:
    """Results of the window's last calls that lie after the window."""
    if before == MOST_SEQ or not events:
        return []
    have = {event.call_id for event in events if event.kind == "tool_result"}
    calls = [str(call.get("id")) for event in events for call in event.payload.get("tool_calls") or []]
    missing = [call for call in calls if call not in have]
    return [event for event in episodes.events_of_calls(looked_at.pk, missing) if event.seq >= before] if missing else []


def _phase(looked_at: Episode) -> Phase:
    """The page holds what it means to show; only a socket is ever behind."""
    stored = looked_at.next_seq
    return phase_of(status=looked_at.status, outcome=looked_at.outcome, run_status=looked_at.run.status, shown=stored, stored=stored)


def _strip(looked_at: Episode, events: Sequence[Event]) -> dict[str, Any]:
    return {
        "turn": events[-1].turn if events else 0,
        "calls": looked_at.calls or episodes.call_count(looked_at.pk),
        "events": looked_at.next_seq,
        "elapsed": elapsed_of(looked_at.started, looked_at.finished, timezone.now()),
    }


def _is_error(event: Event) -> bool:
    if event.kind == "tool_result":
        return "error" in event.payload
    return event.kind == "episode_ended" and event.payload.get("reason") not in {"user_done", "agent_done"}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
