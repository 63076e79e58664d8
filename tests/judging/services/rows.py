"""Rows for the services of judging: a run of finished episodes in the hand-made clinic."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils import timezone

from judging.engine.assessment import FinishedEpisode
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import CallRecord, OpenWorld, Verification, VerifiedCall
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Domain, Episode, EpisodeTruth, Release, Run
from synthesis.models import Event as EventRow
from synthesis.models import Scenario as ScenarioRow
from tests.judging.builders import PACK, Talk, cast, scenario


class RecordedWorlds:
    """Worlds whose replay gives what the log says. ``matching`` False: the final state is never the expected one."""

    def __init__(self, *, matching: bool = True) -> None:
        self.matching = matching

    async def open(self, scenario: Scenario, past: Sequence[CallRecord] = ()) -> OpenWorld:
        raise NotImplementedError

    async def verify(self, scenario: Scenario, calls: Sequence[CallRecord]) -> Verification:
        digest = calls[-1].outcome.digest if calls else "0" * 64
        verified = [VerifiedCall(record.call.id, True, [], record.outcome.digest, None) for record in calls]
        wrote = any(record.outcome.delta for record in calls)
        matches = self.matching and wrote
        return Verification(verified, [], digest, matches, [] if matches else ["missing: visits A-00012 changed"])


def make_run(talks: Sequence[Talk], *, variation: str = "plain", slips: dict[int, str] | None = None, **fields: Any) -> Run:
    """A run whose episode ``i`` is ``talks[i]``, played, with its log."""
    body = msgspec.to_builtins(PACK)
    domain, _ = Domain.objects.get_or_create(slug="clinic", defaults={"name": "Clinic", "category": "health", "pack_text": ""})
    release, _ = Release.objects.get_or_create(digest="r" * 64, defaults={"domain": domain, "number": 1, "pack_text": "", "pack": body})
    run = Run.objects.create(
        seed=7, episodes=len(talks), releases={"clinic": "r" * 64}, variations=[variation], seats={}, limits={}, **fields
    )
    for index, talk in enumerate(talks):
        digest = hashlib.sha256(f"{variation}{index}".encode()).hexdigest()
        task = msgspec.structs.replace(scenario(variation), digest=digest)
        row, _ = ScenarioRow.objects.get_or_create(
            digest=digest, defaults={"release": release, "variation": variation, "difficulty": 2, "body": msgspec.to_builtins(task)}
        )
        episode = Episode.objects.create(
            run=run,
            index=index,
            release=release,
            domain="clinic",
            variation=variation,
            scenario=row,
            cast=msgspec.to_builtins(cast(talk.language)),
            persona="p",
            agent="a",
            seed=index,
            status="played",
        )
        if slips and index in slips:
            EpisodeTruth.objects.create(episode=episode, planned_slip=slips[index], slip={"kind": slips[index], "note": ""})
        write_log(episode, talk.events)
    return run


def write_log(episode: Episode, events: Sequence[Event]) -> None:
    EventRow.objects.bulk_create(
        EventRow(
            episode=episode, seq=e.seq, kind=e.kind, turn=e.turn, call_id=e.call_id, head=e.head, payload=e.payload, created=timezone.now()
        )
        for e in events
    )
    Episode.objects.filter(pk=episode.pk).update(next_seq=len(events))


def finished(run: Run, talks: Sequence[Talk]) -> list[FinishedEpisode]:
    episodes = Episode.objects.filter(run=run).order_by("index").select_related("scenario")
    return [
        FinishedEpisode(episode.pk, msgspec.convert(episode.scenario.body, Scenario), talk.events)  # type: ignore[union-attr]
        for episode, talk in zip(episodes, talks, strict=True)
    ]
