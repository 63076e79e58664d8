"""The page of the episode viewer."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.selectors.judgements import evidence
from studio.access.blindness import names_models
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.pipelines import viewing
from studio.pipelines.model_names import HIDDEN
from studio.pipelines.phases import Phase, elapsed_of, phase_of
from studio.pipelines.taking_over import hand_of, plays_by_hand
from studio.web.runs.hand import composer
from studio.web.runs.keys import KEYS
from studio.web.runs.steps import MOST_SEQ, inspected
from synthesis.models import Episode, Event
from synthesis.selectors import episodes, spending

WINDOW = 500
"""Events in the page; earlier ones are a link away."""


@allow("episodes.view")
@require_safe
def episode(request: HttpRequest, episode_id: int) -> HttpResponse:
    """``/runs/episodes/<id>/``. ``?before=<seq>`` shows the events before that one (to scripts: only them), ``?find=<text>&hit=<n>`` the
    n-th place of a text, ``?step=<seq>&tab=<name>`` what the inspector shows.
    """
    looked_at = found(episodes.episode_get(episode_id))
    search = _search(request, looked_at)
    before = _number(request.GET.get("before")) or search.get("before") or MOST_SEQ
    window = _window(request, looked_at, before)
    if request.headers.get("HX-Request") == "true" and before != MOST_SEQ:
        return render(request, "episodes/window.html", window)
    events, phase = window["events"], window["phase"]
    context: dict[str, Any] = {
        "episode": looked_at,
        "last": events[-1].seq if events else -1,
        "live": before == MOST_SEQ and not phase.over,
        "strip": _strip(looked_at, events),
        "steps": [seq for entry in window["entries"] for seq in _changing(entry)],
        "cast": looked_at.cast,
        "domains_beside": episodes.domains_beside(looked_at.scenario),
        "currency": spending.currency_of(looked_at.run) if looked_at.cost else "",
        "keys": KEYS,
        "crumbs": [(_("Runs"), reverse("runs:index")), (f"{_('Run')} {looked_at.run_id}", reverse("runs:run", args=[looked_at.run_id]))],
    }
    if context["live"] and can(person(request), "runs.start") and (now := hand_of(looked_at)).seats:
        context |= composer(request, looked_at, now)
    context["previous"], context["following"] = episodes.neighbours(looked_at.run_id, looked_at.index)
    return render(request, "episodes/episode.html", context | window | search | _inspector(request, looked_at, events))


def _window(request: HttpRequest, looked_at: Episode, before: int) -> dict[str, Any]:
    """The last events before ``before`` as entries."""
    events = episodes.events_before(looked_at.pk, before, WINDOW)
    scenario = looked_at.scenario
    tools = viewing.Toolbox(*episodes.tools_offered(looked_at.pk), episodes.tool_schemas(scenario), episodes.tool_domains(scenario))
    marks = evidence(looked_at.pk) if can(person(request), "judgements.view", looked_at.pk) else {}
    entries = viewing.entries_of(events, tools, _beyond(looked_at, events, before), marks)
    first = events[0].seq if events else 0
    return {
        "episode_id": looked_at.pk,
        "events": events,
        "entries": entries,
        "turns": viewing.turns_of(entries),
        "first": first,
        "phase": _phase(looked_at),
    }


def _inspector(request: HttpRequest, looked_at: Episode, events: Sequence[Event]) -> dict[str, Any]:
    """The step asked for, else the last one of the window: the end state is there at once."""
    wanted = _number(request.GET.get("step"))
    event = episodes.event_get(looked_at.pk, wanted) if wanted is not None else None
    if event is None and events:
        return inspected(request, looked_at, events[-1])
    return inspected(request, looked_at, event) | {"pinned": True} if event else {}


def _changing(entry: viewing.Entry) -> list[int]:
    """Numbers of the events of an entry that changed the world."""
    results = [card.result for card in entry.cards] + [entry.result]
    return [result.seq for result in results if result and result.changes]


def _search(request: HttpRequest, looked_at: Episode) -> dict[str, Any]:
    text = request.GET.get("find", "").strip()[:200]
    if not text:
        return {}
    hits = episodes.places_found(looked_at.pk, text, without=() if _names(request, looked_at) else HIDDEN)
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
    return phase_of(
        status=looked_at.status,
        outcome=looked_at.outcome,
        run_status=looked_at.run.status,
        shown=stored,
        stored=stored,
        by_hand=plays_by_hand(looked_at.cast),
    )


def _strip(looked_at: Episode, events: Sequence[Event]) -> dict[str, Any]:
    return {
        "turn": events[-1].turn if events else 0,
        "calls": looked_at.calls or episodes.call_count(looked_at.pk),
        "events": looked_at.next_seq,
        "elapsed": elapsed_of(looked_at.started, looked_at.finished, timezone.now()),
    }


def _names(request: HttpRequest, looked_at: Episode) -> bool:
    return names_models(person(request), looked_at.run_id)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
