"""Kept rows of a dataset version as records for the writers, streamed in order of index."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, get_args

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast as AsText

from judging.engine.formats.canonical import CanonicalMessage, conversation
from judging.engine.formats.pairs import Pair, pair_of
from judging.engine.formats.record import JudgementSheet, Record
from judging.engine.formats.usage import usage_by_seat
from judging.models import CriterionScore, DatasetRow, DatasetVersion, PairState, PreferencePair
from synthesis.engine.episode.events import Event, Kind
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.team import whole_offer
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import EpisodeTruth, Release
from synthesis.models import Event as EventRow

CHUNK = 100
"""Episodes whose logs a writer has in memory at a time."""

_PAYLOAD = msgspec.json.Decoder(dict[str, Any])
_KIND: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_SCENARIO = msgspec.json.Decoder(Scenario)
_CAST = msgspec.json.Decoder(Cast)


@lru_cache(maxsize=128)
def pack_of(release: str) -> Pack:
    """The pack of a release, by its digest. Raises Release.DoesNotExist."""
    text = Release.objects.annotate(text=AsText("pack", TextField())).values_list("text", flat=True).get(digest=release)
    return msgspec.json.decode(text, type=Pack)


def records(version: DatasetVersion, chunk: int = CHUNK) -> Iterator[tuple[Record, str]]:
    """Each kept row with the digest of its messages at the time of judging; ``chunk`` logs are in memory at a time."""
    after = -1
    while rows := list(_kept(version, after)[:chunk]):
        after = rows[-1]["position"]
        yield from _records(rows)


def _kept(version: DatasetVersion, after: int) -> Any:
    rows = DatasetRow.objects.filter(version=version, gate="", position__gt=after).order_by("position")
    texts = {"cast": AsText("episode__cast", TextField()), "scenario": AsText("episode__scenario__body", TextField())}
    columns = (
        "position", "episode_id", "judgement_id", "episode__run__seed", "episode__seed", "cast", "scenario", "judgement__judge",
        "judgement__judge_version",
        "judgement__rubric_version__rubric__slug", "judgement__rubric_version__digest", "judgement__overall", "judgement__process_credit",
        "judgement__checks", "judgement__exact_digest",
    )  # fmt: skip
    return rows.annotate(**texts).values(*columns)


def _records(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[Record, str]]:
    episodes = [row["episode_id"] for row in rows]
    logs = _logs(episodes)
    scores = _scores([row["judgement_id"] for row in rows])
    worse = _worse(episodes)
    slips = dict(EpisodeTruth.objects.filter(episode_id__in=episodes).values_list("episode_id", "slip"))
    for row in rows:
        record = _record(row, logs.get(row["episode_id"], []), scores.get(row["judgement_id"], []), slips.get(row["episode_id"]))
        found = (pair_of(record.messages, other) for other in worse.get(row["episode_id"], []))
        pairs = [pair for pair in found if isinstance(pair, Pair)]
        yield msgspec.structs.replace(record, pairs=pairs) if pairs else record, row["judgement__exact_digest"]


def _worse(episodes: Sequence[int]) -> dict[int, list[list[CanonicalMessage]]]:
    """For episodes that are the better play of good pairs the conversations of the worse ones, oldest pair first."""
    pairs = (
        PreferencePair.objects.filter(chosen_id__in=episodes, state=PairState.GOOD).order_by("pk").values_list("chosen_id", "rejected_id")
    )
    found: dict[int, list[list[CanonicalMessage]]] = {}
    logs = _logs([rejected for _, rejected in pairs]) if pairs else {}
    for chosen, rejected in pairs:
        found.setdefault(chosen, []).append(conversation(read_trajectory(logs.get(rejected, []))))
    return found


def _record(row: dict[str, Any], events: list[Event], scores: list[dict[str, Any]], slip: dict[str, Any] | None) -> Record:
    scenario, cast = _SCENARIO.decode(row["scenario"]), _CAST.decode(row["cast"])
    packs = {world.domain: pack_of(world.release) for world in scenario.worlds}
    trajectory = read_trajectory(events)
    system, tools = whole_offer(scenario, cast, packs)
    sheet = JudgementSheet(
        judge=row["judgement__judge"],
        judge_version=row["judgement__judge_version"],
        rubric=row["judgement__rubric_version__rubric__slug"],
        rubric_version=row["judgement__rubric_version__digest"],
        overall=row["judgement__overall"],
        process_credit=row["judgement__process_credit"],
        scores=scores,
        checks=row["judgement__checks"],
    )
    return Record(
        index=row["position"],
        run_seed=row["episode__run__seed"],
        episode_seed=row["episode__seed"],
        scenario=scenario,
        cast=cast,
        trajectory=trajectory,
        messages=conversation(trajectory),
        system=system,
        tools=tools,
        judgement=sheet,
        slip=slip,
        models=usage_by_seat(events, cast.seats),
    )


def _logs(episodes: Sequence[int]) -> dict[int, list[Event]]:
    """Payloads come as text and are decoded once, by msgspec: Django's own decoding costs three times as much."""
    rows = EventRow.objects.filter(episode_id__in=episodes).order_by("episode_id", "seq").annotate(text=AsText("payload", TextField()))
    columns = rows.values_list("episode_id", "seq", "kind", "turn", "head", "text", "call_id")
    return {
        episode: [Event(seq, _KIND[kind], turn, head, _PAYLOAD.decode(text), call) for _, seq, kind, turn, head, text, call in events]
        for episode, events in groupby(columns.iterator(chunk_size=2000), key=lambda row: row[0])
    }


def _scores(judgements: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    rows = CriterionScore.objects.filter(judgement_id__in=judgements).order_by("judgement_id", "criterion__position")
    scores: dict[int, list[dict[str, Any]]] = {}
    for judgement, criterion, value, reason, evidence in rows.values_list("judgement_id", "criterion__slug", "value", "reason", "evidence"):
        scores.setdefault(judgement, []).append({"criterion": criterion, "value": value, "reason": reason, "evidence": evidence})
    return scores
