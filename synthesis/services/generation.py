"""Generation work of runs: one holder at a time turns the planned episodes of one domain into tasks, in order of index, batch by batch."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, When

from synthesis.engine.episode.plan import has_second, world_seeds
from synthesis.engine.participants.cast import model_of
from synthesis.engine.scenarios.scenario import Scenario, WorldRef
from synthesis.models import Episode, EpisodeStatus, Release, RunPart, Slice, SliceStatus
from synthesis.models import Scenario as ScenarioRow

OPENED = """
WITH given (id, scenario) AS (VALUES {rows})
UPDATE synthesis_episode SET scenario_id = given.scenario, status = 'queued', holder = %s
FROM given WHERE synthesis_episode.id = given.id AND synthesis_episode.status = 'planned'
"""


class Planned(msgspec.Struct, frozen=True):
    """An episode that needs a scenario; where a scenario is played several times, the first of its plays. ``second``: its last wish is to
    be in another domain.
    """

    id: int
    index: int
    variation: str
    seed: int
    second: bool = False


class PartClaim(msgspec.Struct, frozen=True):
    """A batch of generation work in our hands.

    ``used`` lists, by variation, the scenario digests that this run has used of this release. ``simulated``: the tools seat is a model, so
    tools without programs may be offered and needed. ``each``: episodes of one scenario, which follow the planned one; what comes of it
    holds for all of them. ``seconds`` are worlds of the run's other domains.
    """

    id: int
    epoch: int
    holder: int
    run: int
    domain: str
    release_id: int
    release: str
    seeds: list[int]
    siblings: list[str]
    batch: list[Planned]
    last: bool
    crashes: int
    used: dict[str, list[str]]
    simulated: bool = False
    each: int = 1
    seconds: list[WorldRef] = []


class Filled(msgspec.Struct, frozen=True):
    """What generation came to for one episode: a scenario, or the reasons why there is none (reason to count of tries)."""

    planned: Planned
    scenario: Scenario | None
    reasons: dict[str, int] = {}


def claim_part(*, run_id: int, holder: int, size: int, lease: timedelta, now: datetime) -> PartClaim | None:
    """Claim the next batch of a part of this run, or None when all are done or held.

    Parts that the holder had before come first, since it has their worlds at hand, then those that nobody at work has, then the others. A
    part whose last holder died is taken one episode at a time, so that a poisonous one is found without the others.
    """
    with transaction.atomic():
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        due = Q(not_before__isnull=True) | Q(not_before__lte=now)
        at_work = Slice.objects.filter(run_id=run_id, status=SliceStatus.AT_WORK, lease_until__gte=now).exclude(pk=holder)
        nearness = Case(When(holder=holder, then=0), When(holder__in=at_work.values("pk"), then=2), default=1)
        parts = RunPart.objects.filter(free, due, run_id=run_id, run__status="running", done=False).order_by(nearness, "next_index", "id")
        if connection.vendor == "postgresql":
            parts = parts.select_for_update(skip_locked=True, of=("self",))
        part = parts.select_related("run", "release__domain").first()
        if part is None:
            return None
        died = part.lease_until is not None
        crashes = part.crashes + 1 if died else part.crashes
        # The condition on epoch is what makes it ours: on SQLite nothing locked the row.
        ours = RunPart.objects.filter(pk=part.pk, epoch=part.epoch)
        if not ours.update(epoch=F("epoch") + 1, holder=holder, lease_until=now + lease, crashes=crashes):
            return None
        return _claimed(part, holder, crashes, 1 if crashes else size)


def _claimed(part: RunPart, holder: int, crashes: int, size: int) -> PartClaim:
    rows = Episode.objects.filter(run_id=part.run_id, release_id=part.release_id, index__gte=part.next_index, status=EpisodeStatus.PLANNED)
    rows = rows.annotate(play=F("index") % part.run.each).filter(play=0)
    share = float(part.run.options.get("two_domains", 0.0))
    batch = [
        Planned(pk, index, variation, seed, has_second(part.run.seed, index // part.run.each, variation, share))
        for pk, index, variation, seed in rows.order_by("index").values_list("id", "index", "variation", "seed")[: size + 1]
    ]
    used: dict[str, list[str]] = {}
    earlier = Episode.objects.filter(run_id=part.run_id, release_id=part.release_id, scenario__isnull=False).order_by("index")
    for variation, digest, index in earlier.values_list("variation", "scenario_id", "index"):
        if index % part.run.each == 0:
            used.setdefault(variation, []).append(digest)
    return PartClaim(
        id=part.pk,
        epoch=part.epoch + 1,
        holder=holder,
        run=part.run_id,
        domain=part.release.domain.slug,
        release_id=part.release_id,
        release=part.release.digest,
        seeds=part.seeds,
        siblings=part.run.siblings.get(part.release.domain.slug, []),
        batch=batch[:size],
        last=len(batch) <= size,
        crashes=crashes,
        used=used,
        simulated=bool(model_of(part.run.seats.get("tools"))),
        each=part.run.each,
        seconds=_seconds(part) if any(planned.second for planned in batch) else [],
    )


def _seconds(part: RunPart) -> list[WorldRef]:
    """A few worlds of every other domain of the run."""
    others = Release.objects.filter(digest__in=part.run.releases.values()).exclude(pk=part.release_id).order_by("domain__slug")
    return [
        WorldRef(slug, digest, seed)
        for slug, digest, seeds in others.values_list("domain__slug", "digest", "seeds")
        for seed in world_seeds(part.run.seed, slug, 1, seeds)
    ]


def store_batch(*, claim: PartClaim, filled: Sequence[Filled]) -> bool:
    """Store the scenarios of a batch, queue their episodes and let the part go, in one transaction.

    False when the part was no longer ours: nothing is written.
    """
    after = filled[-1].planned.index + claim.each if filled else 0
    everything = claim.last and len(filled) == len(claim.batch)
    with transaction.atomic():
        ours = RunPart.objects.filter(pk=claim.id, epoch=claim.epoch, run__status="running")
        state: dict[str, Any] = {"lease_until": None, "not_before": None, "done": everything}
        if filled:
            state |= {"next_index": after, "crashes": 0}
        # Conditions that span tables are sub-selects in an UPDATE; the guard on epoch is what counts.
        if not ours.update(**state):
            return False
        made = [(one.planned, one.scenario) for one in filled if one.scenario]
        _store_scenarios(claim, [scenario for _, scenario in made])
        _open_episodes(claim.holder, _plays(claim, [(planned, scenario.digest) for planned, scenario in made]))
        for one in filled:
            if one.scenario is None:
                failure = {"kind": "unfilled", "detail": f"no {one.planned.variation} scenario in {claim.domain}", "reasons": one.reasons}
                _same_task(claim, one.planned).update(status=EpisodeStatus.UNFILLED, failure=failure)
    return True


def _same_task(claim: PartClaim, planned: Planned) -> QuerySet[Episode]:
    """The planned one and the further plays of its scenario, as far as they wait for it."""
    places = range(planned.index, planned.index + claim.each)
    return Episode.objects.filter(run_id=claim.run, index__in=places, status=EpisodeStatus.PLANNED)


def _plays(claim: PartClaim, made: Sequence[tuple[Planned, str]]) -> list[tuple[int, str]]:
    """For each planned one all episodes of its scenario, with the scenario's digest."""
    if claim.each == 1:
        return [(planned.id, digest) for planned, digest in made]
    digests = {planned.index + play: digest for planned, digest in made for play in range(claim.each)}
    waiting = Episode.objects.filter(run_id=claim.run, index__in=digests, status=EpisodeStatus.PLANNED)
    return [(pk, digests[index]) for pk, index in waiting.order_by("index").values_list("pk", "index")]


def _store_scenarios(claim: PartClaim, scenarios: Sequence[Scenario]) -> None:
    rows = [
        ScenarioRow(
            digest=scenario.digest,
            release_id=claim.release_id,
            variation=scenario.variation,
            intents=[wish.intent for wish in scenario.wishes],
            difficulty=scenario.difficulty,
            body=msgspec.to_builtins(scenario),
        )
        for scenario in scenarios
    ]
    ScenarioRow.objects.bulk_create(rows, ignore_conflicts=True)


def _open_episodes(holder: int, pairs: Sequence[tuple[int, str]]) -> None:
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(OPENED.format(rows=", ".join(["(%s, %s)"] * len(pairs))), [*(value for pair in pairs for value in pair), holder])


def part_crashed(*, claim: PartClaim, detail: str, now: datetime, limit: int) -> None:
    """Note that generating raised. The ``limit``-th time in a row the first episode of the batch fails and the part goes on behind it."""
    with transaction.atomic():
        part = RunPart.objects.filter(pk=claim.id, epoch=claim.epoch).first()
        if part is None:
            return
        crashes = part.crashes + 1
        if crashes >= limit and claim.batch:
            part_skip(claim=claim, detail=detail)
            return
        RunPart.objects.filter(pk=part.pk).update(crashes=crashes, lease_until=None, not_before=now + timedelta(seconds=0.1 * 2**crashes))


def part_skip(*, claim: PartClaim, detail: str) -> None:
    """Fail the first episode of the batch as poison and let the part go on behind it."""
    first = claim.batch[0]
    with transaction.atomic():
        if RunPart.objects.filter(pk=claim.id, epoch=claim.epoch).update(
            next_index=first.index + claim.each, crashes=0, lease_until=None, not_before=None
        ):
            failure = {"kind": "poison", "detail": f"generating its scenario failed again and again: {detail}"}
            _same_task(claim, first).update(status=EpisodeStatus.FAILED, failure=failure)
