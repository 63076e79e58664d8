"""Claiming episodes: who may play or judge what, for how long, and what happens to those who crash.

A claim is one conditional UPDATE that raises ``epoch`` and sets the lease. Everything a holder writes later is conditional on that epoch,
so a
holder that was given up for dead may go on computing but cannot write.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from django.db import connection, transaction
from django.db.models import F

from synthesis.engine.episode.events import Event, Kind
from synthesis.engine.episode.tool_calls import ToolCalls
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode, EpisodeStatus, EpisodeTruth
from synthesis.models import Event as EventRow
from synthesis.models import Scenario as ScenarioRow
from synthesis.services.tool_uses import tool_uses_count

SUSPECT = 2
"""From this many consecutive crashes at one step on, an episode is played alone, so that it cannot take innocent ones with it."""

CLAIM = """
UPDATE synthesis_episode SET
  epoch = epoch + 1, status = {to}, holder = %s, lease_until = %s, attempts = attempts + 1, started = COALESCE(started, %s),
  crashes = CASE WHEN status = 'queued' OR lease_until IS NULL THEN crashes WHEN crash_seq = next_seq THEN crashes + 1 ELSE 1 END,
  crash_seq = CASE WHEN status = 'queued' OR lease_until IS NULL THEN crash_seq ELSE next_seq END
WHERE id IN (
  SELECT id FROM synthesis_episode
  WHERE run_id = %s AND status = %s AND {free} AND {own} AND (not_before IS NULL OR not_before <= %s) AND crashes {suspicion} %s
    AND EXISTS (SELECT 1 FROM synthesis_run WHERE synthesis_run.id = %s AND synthesis_run.status = 'running')
  ORDER BY "index" LIMIT %s {skip}
)
RETURNING id, "index", epoch, next_seq, seed, domain, variation, "cast", scenario_id, crashes
"""
CLOSE = """
UPDATE synthesis_episode SET status = 'judged', holder = NULL, lease_until = NULL WHERE id = %s AND epoch = %s AND status = 'played'
"""


class Claim(msgspec.Struct, frozen=True):
    """An episode in our hands until ``lease_until``.

    ``past`` is its log so far; ``slip`` the planned slip, which only its agent's seat may know.
    """

    id: int
    index: int
    epoch: int
    next_seq: int
    seed: int
    domain: str
    variation: str
    cast: Cast
    scenario: Scenario
    crashes: int
    slip: str | None = None
    past: list[Event] = []


def claim_queued(*, run_id: int, holder: int, limit: int, lease: timedelta, now: datetime, suspects: bool = False) -> list[Claim]:
    """Claim up to ``limit`` episodes of a running run, each time in order of index: queued ones whose worlds the holder has at hand, then
    other
    queued ones, then those whose holder let the lease run out.

    ``suspects`` asks for those that have crashed SUSPECT times or more at one step instead of all others.
    """
    for frm, own in ((EpisodeStatus.QUEUED, True), (EpisodeStatus.QUEUED, False), (EpisodeStatus.PLAYING, False)):
        if claims := _claim(run_id, holder, limit, lease, now, frm, EpisodeStatus.PLAYING, suspects, own):
            return claims
    return []


def claim_played(*, run_id: int, holder: int, limit: int, lease: timedelta, now: datetime, suspects: bool = False) -> list[Claim]:
    """Claim episodes that ended but whose holder died before they were judged."""
    return _claim(run_id, holder, limit, lease, now, EpisodeStatus.PLAYED, EpisodeStatus.PLAYED, suspects)


def _claim(
    run_id: int,
    holder: int,
    limit: int,
    lease: timedelta,
    now: datetime,
    frm: EpisodeStatus,
    to: EpisodeStatus,
    suspects: bool,
    own: bool = False,
) -> list[Claim]:
    moment = connection.ops.adapt_datetimefield_value(now)
    until = connection.ops.adapt_datetimefield_value(now + lease)
    statement = CLAIM.format(
        to=f"'{to.value}'",
        free="1 = 1" if frm == EpisodeStatus.QUEUED else "(lease_until IS NULL OR lease_until < %s)",
        own="holder = %s" if own else "1 = 1",
        suspicion=">=" if suspects else "<",
        skip="FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else "",
    )
    free = [] if frm == EpisodeStatus.QUEUED else [moment]
    mine = [holder] if own else []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, [holder, until, moment, run_id, frm.value, *free, *mine, moment, SUSPECT, run_id, limit])
            rows = cursor.fetchall()
        return _load(rows)


def _load(rows: Sequence[tuple[Any, ...]]) -> list[Claim]:
    """Claims with their scenarios, planned slips and logs, in order of index."""
    ids = [row[0] for row in rows]
    if not ids:
        return []
    bodies = dict(_texts(ScenarioRow.objects.filter(pk__in={row[8] for row in rows}), "digest", "body"))
    slips = dict(EpisodeTruth.objects.filter(episode_id__in=ids).values_list("episode_id", "planned_slip"))
    logs = read_logs([row[0] for row in rows if row[3]])
    return sorted(
        (
            Claim(
                id=row[0],
                index=row[1],
                epoch=row[2],
                next_seq=row[3],
                seed=row[4],
                domain=row[5],
                variation=row[6],
                cast=_decoded(row[7], Cast),
                scenario=msgspec.json.decode(bodies[row[8]], type=Scenario),
                crashes=row[9],
                slip=slips.get(row[0]) or None,
                past=logs.get(row[0], []),
            )
            for row in rows
        ),
        key=lambda claim: claim.index,
    )


def _texts(queryset: Any, key: str, column: str) -> Iterable[tuple[Any, str]]:
    """Pairs of ``key`` and the stored JSON text of ``column``, without Django's decoding."""
    compiled, parameters = queryset.values_list(key, column).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(compiled, parameters)
        return [(row[0], row[1] if isinstance(row[1], str) else msgspec.json.encode(row[1]).decode()) for row in cursor.fetchall()]


def _decoded(stored: Any, kind: type[Cast]) -> Cast:
    return msgspec.json.decode(stored, type=kind) if isinstance(stored, str) else msgspec.convert(stored, kind)


def read_logs(episodes: Sequence[int]) -> dict[int, list[Event]]:
    """The logs of ``episodes`` in order of ``seq``."""
    logs: dict[int, list[Event]] = {}
    rows = EventRow.objects.filter(episode_id__in=episodes).order_by("episode_id", "seq")
    for row in rows.values_list("episode_id", "seq", "kind", "turn", "head", "payload", "call_id").iterator():
        logs.setdefault(row[0], []).append(Event(row[1], cast("Kind", row[2]), *row[3:]))
    return logs


def hand_back(*, episodes: Sequence[tuple[int, int]]) -> None:
    """Give up claims ``(id, epoch)`` in good order: what was being played is queued again, what waits for judging is free at once."""
    with transaction.atomic():
        for episode, epoch in episodes:
            _let_go(episode, epoch)


def put_off(*, episode: int, epoch: int, until: datetime) -> None:
    """Give an episode of ours back, to be taken up again ``until`` then at the earliest. That is no crash."""
    with transaction.atomic():
        _let_go(episode, epoch, not_before=until)


def _let_go(episode: int, epoch: int, **changes: Any) -> None:
    """A lease that is null was given up in good order; one that ran out is a holder that died."""
    held = Episode.objects.filter(pk=episode, epoch=epoch)
    held.filter(status=EpisodeStatus.PLAYING).update(status=EpisodeStatus.QUEUED, holder=None, lease_until=None, **changes)
    held.filter(status=EpisodeStatus.PLAYED).update(holder=None, lease_until=None, **changes)


def crashed(*, claim: Claim, kind: str, detail: str, now: datetime, limit: int) -> bool:
    """Note that playing or judging ``claim`` raised; True when that was the ``limit``-th time in a row at one step and the episode has
    failed.

    Before that it is queued again with a growing pause.
    """
    row = Episode.objects.filter(pk=claim.id, epoch=claim.epoch).values("crashes", "crash_seq", "next_seq", "status").first()
    if row is None:
        return False
    times = row["crashes"] + 1 if row["crash_seq"] == row["next_seq"] else 1
    if times >= limit:
        return fail(episode=claim.id, epoch=claim.epoch, kind=kind, detail=detail)
    played = row["status"] == EpisodeStatus.PLAYED
    Episode.objects.filter(pk=claim.id, epoch=claim.epoch, status__in=["playing", "played"]).update(
        status=EpisodeStatus.PLAYED if played else EpisodeStatus.QUEUED,
        crashes=times,
        crash_seq=row["next_seq"],
        holder=None,
        lease_until=None,
        not_before=now + timedelta(seconds=0.1 * 2**times),
    )
    return False


def fail(*, episode: int, epoch: int, kind: str, detail: str) -> bool:
    """Give an episode of ours up for good; its log ends with the reason. False when it was no longer ours."""
    with transaction.atomic():
        open_ones = Episode.objects.filter(pk=episode, epoch=epoch, status__in=["playing", "played"])
        if not open_ones.update(status=EpisodeStatus.FAILED, failure={"kind": kind, "detail": detail}, holder=None, lease_until=None):
            return False
        close_logs([episode], "poison" if kind == "poison" else "error")
    return True


def close_logs(episodes: Sequence[int], reason: str) -> None:
    """End the logs of ``episodes`` that have begun and have no end yet.

    Call it inside the transaction that takes them from their holders.
    """
    rows = Episode.objects.filter(pk__in=episodes, next_seq__gt=0, outcome="").values("pk", "next_seq")
    now = datetime.now().astimezone()
    ends = []
    for row in rows:
        last = EventRow.objects.filter(episode_id=row["pk"], seq=row["next_seq"] - 1).values("turn").first() or {"turn": 0}
        digest = _last_digest(row["pk"])
        calls = EventRow.objects.filter(episode_id=row["pk"], kind="tool_result").count()
        payload = {"reason": reason, "digest": digest, "totals": {"turns": last["turn"], "calls": calls}}
        ends.append(
            EventRow(
                episode_id=row["pk"],
                seq=row["next_seq"],
                kind="episode_ended",
                turn=last["turn"],
                head=reason,
                payload=payload,
                created=now,
            )
        )
    EventRow.objects.bulk_create(ends)
    Episode.objects.filter(pk__in=[row["pk"] for row in rows]).update(outcome=reason, next_seq=F("next_seq") + 1, finished=now)


def _last_digest(episode: int) -> str:
    """The state digest after the last result in the log, else the base state's."""
    rows = EventRow.objects.filter(episode_id=episode, kind__in=["tool_result", "episode_started"]).order_by("-seq")
    payload = rows.values_list("payload", flat=True).first() or {}
    return str(payload.get("digest", ""))


def close_judged(*, episodes: Sequence[tuple[int, int]], usage: Mapping[int, Sequence[ToolCalls]] | None = None) -> int:
    """Move claims ``(id, epoch)`` from played to judged; returns how many were still ours.

    The ``usage`` of tools (by episode) is counted in the same transaction, so once.
    """
    closed = []
    with transaction.atomic(), connection.cursor() as cursor:
        for episode, epoch in sorted(episodes):
            cursor.execute(CLOSE, [episode, epoch])
            if cursor.rowcount:
                closed.append(episode)
        tool_uses_count(used={episode: (usage or {}).get(episode, []) for episode in closed})
    return len(closed)
