"""Episodes and their logs, as pages and sockets read them."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import msgspec
from django.db.models import Count, Min, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from synthesis.engine.episode.events import Event as LogEvent
from synthesis.engine.episode.events import Kind
from synthesis.engine.participants.forking import last_step
from synthesis.models import OPEN_STATUSES, Episode, Event, Run, Scenario, Tool

ENDING = 8
"""Events that hold all with which a log ends: the last words, feedback, a note, the end."""


class Step(NamedTuple):
    """What a socket needs to know of an episode at every look: how long its log is and where it stands."""

    status: str
    next_seq: int
    outcome: str
    run_status: str
    calls: int
    started: datetime | None
    finished: datetime | None


STEP_COLUMNS = ("status", "next_seq", "outcome", "run__status", "calls", "started", "finished")


class Trouble(NamedTuple):
    """Episodes of a run that came to nothing for one reason, and one of them to look at."""

    status: str
    kind: str
    episodes: int
    sample: int


def episode_get(episode_id: int) -> Episode | None:
    """The episode with its run and scenario, or None."""
    return Episode.objects.select_related("run", "scenario").filter(pk=episode_id).first()


def episode_step(episode_id: int) -> Step | None:
    """Where the episode stands, or None."""
    row = Episode.objects.filter(pk=episode_id).values_list(*STEP_COLUMNS).first()
    return Step(*row) if row else None


def events_after(episode_id: int, seq: int, limit: int) -> list[Event]:
    """The next ``limit`` events after ``seq``, in order."""
    return list(Event.objects.filter(episode_id=episode_id, seq__gt=seq).order_by("seq")[:limit])


def events_before(episode_id: int, seq: int, limit: int) -> list[Event]:
    """The last ``limit`` events before ``seq``, in order."""
    return list(reversed(Event.objects.filter(episode_id=episode_id, seq__lt=seq).order_by("-seq")[:limit]))


def event_get(episode_id: int, seq: int) -> Event | None:
    """One event, or None."""
    return Event.objects.filter(episode_id=episode_id, seq=seq).first()


def events_of_calls(episode_id: int, call_ids: Sequence[str]) -> list[Event]:
    """The results of these calls, in order: a page of a log may hold a call whose result is on the next one."""
    return list(Event.objects.filter(episode_id=episode_id, kind="tool_result", call_id__in=call_ids).order_by("seq"))


def deltas_until(episode_id: int, seq: int) -> list[tuple[int, list[dict[str, Any]]]]:
    """The changes that the calls up to event ``seq`` made: (seq, changes) in order."""
    rows = Event.objects.filter(episode_id=episode_id, kind="tool_result", seq__lte=seq).order_by("seq")
    return [(number, payload.get("delta") or []) for number, payload in rows.values_list("seq", "payload")]


def episodes_of_run(
    run_id: int, *, after: int = -1, limit: int = 50, status: str = "", domain: str = "", variation: str = ""
) -> list[Episode]:
    """Episodes of a run after index ``after``, in order of index."""
    wanted = {name: value for name, value in {"status": status, "domain": domain, "variation": variation}.items() if value}
    rows = Episode.objects.filter(run_id=run_id, index__gt=after, **wanted).order_by("index")
    return list(rows.defer("cast", "failure")[:limit])


def first_open(run_id: int) -> int | None:
    """The lowest index of an episode of the run that still needs work."""
    lowest: int | None = Episode.objects.filter(run_id=run_id, status__in=OPEN_STATUSES).aggregate(lowest=Min("index"))["lowest"]
    return lowest


def places_found(episode_id: int, text: str, limit: int = 500, without: Collection[str] = ()) -> list[int]:
    """Numbers of the events whose head or payload holds ``text``, whatever the case, in order. Parts of a payload called ``without`` are
    not searched, nor are seats then.

    Read here rather than by the database, which knows cases of few alphabets. Most events are told by their stored text alone; only where
    it holds the words is it decoded, to see whether they stand in a name or a value.
    """
    needle = text.casefold()
    stored = json.dumps(text, ensure_ascii=False)[1:-1].casefold()
    found = []
    rows = Event.objects.filter(episode_id=episode_id).order_by("seq").annotate(text=Cast("payload", TextField()))
    for seq, head, payload in rows.values_list("seq", "head", "text").iterator(chunk_size=1000):
        if needle in head.casefold() or (
            stored in payload.casefold() and any(needle in word.casefold() for word in _words(_searched(payload, without)))
        ):
            found.append(seq)
            if len(found) == limit:
                break
    return found


def _searched(payload: str, without: Collection[str]) -> Any:
    decoded = msgspec.json.decode(payload)
    if without and isinstance(decoded, dict):
        decoded = {name: value for name, value in decoded.items() if name not in without}
        if isinstance(decoded.get("cast"), dict):
            decoded["cast"] = {**decoded["cast"], "seats": None}
    return decoded


def _words(value: Any) -> Iterator[str]:
    """Every name and value in a payload, as text."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif value is not None:
        yield value if isinstance(value, str) else str(value)


def troubles(run: Run) -> list[Trouble]:
    """Why episodes of the run were not filled or failed, most frequent first."""
    rows = Episode.objects.filter(run=run, status__in=["unfilled", "failed"]).order_by()
    # As text: the column's own decoder expects whole documents.
    counted = rows.annotate(why=KT("failure__kind")).values_list("status", "why").annotate(n=Count("pk"), sample=Min("pk"))
    return [Trouble(status, str(kind or ""), n, sample) for status, kind, n, sample in counted.order_by("-n", "status", "why")]


def ended_since(run_id: int, since: datetime) -> int:
    """How many episodes of the run came to their end at ``since`` or later: the measured rate."""
    return Episode.objects.filter(run_id=run_id, finished__gte=since).count()


def call_count(episode_id: int, until: int | None = None) -> int:
    """How many calls of the episode have results, in its whole log or up to event ``until``."""
    rows = Event.objects.filter(episode_id=episode_id, kind="tool_result")
    return rows.count() if until is None else rows.filter(seq__lte=until).count()


class Offered(NamedTuple):
    """Names of the tools that the agent was offered, and of those of the user's own side. None before the episode has begun."""

    agent: list[str] | None
    user: list[str] | None


def tools_offered(episode_id: int) -> Offered:
    """The tools of both sides; one query."""
    payload = Event.objects.filter(episode_id=episode_id, seq=0, kind="episode_started").values_list("payload", flat=True).first()
    if not payload:
        return Offered(None, None)
    return Offered(list(map(str, payload.get("tools", []))), list(map(str, payload.get("user_tools", []))))


BOTH = ("tools", "user_tools")
"""Where a scenario keeps the tools of the agent and of the user's own side."""


def tool_schemas(scenario: Scenario | None, sides: Sequence[str] = BOTH) -> dict[str, dict[str, Any]]:
    """The parameters of the tools that a scenario offers to ``sides``, by the name under which they are offered; one query."""
    if scenario is None:
        return {}
    releases = {world["domain"]: world["release"] for world in scenario.body.get("worlds", [])}
    offered = {tool["name"]: (releases.get(tool["domain"]), tool["tool"]) for side in sides for tool in scenario.body.get(side, [])}
    rows = Tool.objects.filter(release__digest__in=set(releases.values()), name__in={tool for _, tool in offered.values()})
    known = {(digest, name): parameters for digest, name, parameters in rows.values_list("release__digest", "name", "parameters")}
    return {name: known[place] for name, place in offered.items() if place in known}


def domains_beside(scenario: Scenario | None) -> list[str]:
    """Slugs of further domains in which wishes of a scenario are served."""
    wishes = scenario.body.get("wishes", []) if scenario else []
    return list(dict.fromkeys(wish["domain"] for wish in wishes if wish.get("domain")))


def tool_domains(scenario: Scenario | None) -> dict[str, str]:
    """Slugs of the domains whose tools a scenario offers, by the name under which they are offered; nothing where one domain serves."""
    if scenario is None or not domains_beside(scenario):
        return {}
    return {tool["name"]: tool["domain"] for side in BOTH for tool in scenario.body.get(side, [])}


def neighbours(run_id: int, index: int) -> tuple[int | None, int | None]:
    """Ids of the episodes before and after the one at ``index`` of a run."""
    rows = Episode.objects.filter(run_id=run_id)
    before = rows.filter(index__lt=index).order_by("-index").values_list("pk", flat=True).first()
    after = rows.filter(index__gt=index).order_by("index").values_list("pk", flat=True).first()
    return before, after


def recent_with_scenario(limit: int) -> list[Episode]:
    """The newest episodes that have a scenario; without casts and scenarios themselves."""
    return list(Episode.objects.filter(scenario__isnull=False).defer("cast", "failure").order_by("-pk")[:limit])


def log_of(episode_id: int) -> list[LogEvent]:
    """The whole log of an episode as the engine reads it."""
    rows = Event.objects.filter(episode_id=episode_id).order_by("seq").values_list("seq", "kind", "turn", "head", "payload", "call_id")
    return [_read(*row) for row in rows]


def episode_at(run_id: int, index: int) -> Episode | None:
    """The episode at ``index`` of a run, or None."""
    return Episode.objects.filter(run_id=run_id, index=index).first()


def plays_of(scenario_id: str, *, apart_from: int, limit: int = 20) -> list[Episode]:
    """The newest other plays of a scenario that have begun."""
    rows = Episode.objects.filter(scenario_id=scenario_id, next_seq__gt=0).exclude(pk=apart_from).select_related("run")
    return list(rows.order_by("-pk")[:limit])


def last_forkable(episode_id: int) -> int:
    """The last event from which a fork can go on; -1 when there is none."""
    rows = Event.objects.filter(episode_id=episode_id).order_by("-seq").values_list("seq", "kind", "turn", "head", "payload", "call_id")
    return last_step([_read(*row) for row in reversed(rows[:ENDING])])


def _read(seq: int, kind: str, turn: int, head: str, payload: dict[str, Any], call_id: str | None) -> LogEvent:
    return LogEvent(seq, cast("Kind", kind), turn, head, payload, call_id)
