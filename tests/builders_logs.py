"""Builders of episodes with logs, for pages and sockets: written straight to the tables, since playing takes long."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from judging.models import CheckResult, Judgement
from judging.services import rubric_install, starter_rubric
from synthesis.models import Episode, Event, Run
from tests.builders_runs import a_run, install, queued

OPENING = {"domain": "vet_clinic", "variation": "plain", "tools": ["find_pet"], "digest": "d0"}


def an_episode(*, run: Run | None = None, status: str = "playing") -> Episode:
    """An episode of a run whose catalogue this makes if there is none; without events."""
    if run is None:
        install()
        run = a_run(1)
        queued(run)
    episode = Episode.objects.filter(run=run).order_by("index")[0]
    Episode.objects.filter(pk=episode.pk).update(status=status, started=timezone.now())
    episode.refresh_from_db()
    return episode


def append(episode: Episode, *events: dict[str, Any]) -> None:
    """Append events ``{kind, head, payload, call_id, turn}`` (all with defaults) to the log."""
    first = Episode.objects.values_list("next_seq", flat=True).get(pk=episode.pk)
    rows = [
        Event(
            episode_id=episode.pk,
            seq=first + n,
            created=timezone.now(),
            **{"kind": "note", "turn": 1, "head": "note", "payload": {}, **event},
        )
        for n, event in enumerate(events)
    ]
    Event.objects.bulk_create(rows, batch_size=500)
    Episode.objects.filter(pk=episode.pk).update(next_seq=first + len(rows))


def start() -> dict[str, Any]:
    """The first event."""
    return {"kind": "episode_started", "turn": 0, "head": "plain in vet_clinic", "payload": OPENING}


def says(role: str, text: str, *calls: dict[str, Any]) -> dict[str, Any]:
    """A message."""
    return {
        "kind": "message",
        "head": text[:160],
        "payload": {"role": role, "text": text, **({"tool_calls": list(calls)} if calls else {})},
    }


def call(name: str, ident: str, /, **arguments: Any) -> dict[str, Any]:
    """A call for ``says``."""
    return {"id": ident, "name": name, "arguments": arguments}


def result(ident: str, value: Any = None, /, **more: Any) -> dict[str, Any]:
    """A result; ``error``, ``delta`` and ``fault`` go into the payload."""
    payload = {"call_id": ident, "name": "find_pet", "digest": "d1", "delta": [], **({} if "error" in more else {"result": value}), **more}
    return {"kind": "tool_result", "head": "find_pet → ok", "call_id": ident, "payload": payload}


def end(reason: str = "user_done") -> dict[str, Any]:
    """The last event."""
    return {"kind": "episode_ended", "head": reason, "payload": {"reason": reason, "digest": "d1", "totals": {"turns": 1, "calls": 1}}}


def close(episode: Episode, status: str = "judged", outcome: str = "user_done") -> None:
    """Say that the episode is over."""
    Episode.objects.filter(pk=episode.pk).update(status=status, outcome=outcome, finished=timezone.now())


def judge(episode: Episode, check: str = "writes_confirmed", *, evidence: Sequence[int] = ()) -> Judgement:
    """A judgement of the episode with one broken check that points at ``evidence`` (event numbers)."""
    judgement = Judgement.objects.create(
        episode=episode,
        judge_version="j" * 64,
        decides=True,
        rubric_version=rubric_install(rubric=starter_rubric()),
        overall=2.5,
        passed=False,
        process_credit=0.5,
        party="agent",
        tag=check,
        severity="high",
        exact_digest="d" * 64,
        structural_digest="d" * 64,
    )
    CheckResult.objects.create(
        judgement=judgement,
        check_id=check,
        reason=f"{check} does not hold",
        evidence=list(evidence),
        party="agent",
        tag=check,
        severity="high",
    )
    return judgement
