"""Calibrating for real: episodes that programs played, damaged in sandboxes, and a judge put before every copy."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest
from django.utils import timezone

from judging.engine.assessment import FinishedEpisode
from judging.engine.calibration.report import Report
from judging.engine.statistics.result import Estimate, value_of
from judging.models import Calibration, Judgement, Mutant, MutantVerdict
from judging.selectors import trust
from judging.services import judge_bench, judgements_write
from judging.services.calibrations import Finding
from studio.pipelines.calibrating import NO_LONGER, calibration_run
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Domain, Episode, EpisodeTruth, Event, Release, Run, Scenario
from tests.judging.engine.test_scripted import DOMAINS, Played, packs, played

pytestmark = pytest.mark.django_db(transaction=True)


def stored(plays: list[Played]) -> Run:
    """Plays of programs as a judged run."""
    for slug, pack in packs().items():
        domain = Domain.objects.create(slug=slug, name=pack.name, category="test", pack_text="", status="active")
        Release.objects.create(
            digest=pack.digest, domain=domain, number=1, pack_text="", pack=msgspec.to_builtins(pack), seeds=[1, 2], variations={}
        )
    seats = {"user": "scripted", "agent": "scripted", "tools": "scripted"}
    run = Run.objects.create(seed=1, episodes=len(plays), releases={}, variations=[], seats=seats, limits={}, status="finished")
    for index, play in enumerate(plays):
        _store(run, index, play)
    return run


def _store(run: Run, index: int, play: Played) -> None:
    release = Release.objects.get(domain__slug=play.scenario.domain)
    scenario, _ = Scenario.objects.get_or_create(
        digest=play.scenario.digest,
        defaults={
            "release": release, "variation": play.scenario.variation, "intents": [], "difficulty": 1,
            "body": msgspec.to_builtins(play.scenario),
        },
    )  # fmt: skip
    episode = Episode.objects.create(
        run=run, index=index, release=release, domain=play.scenario.domain, variation=play.scenario.variation, scenario=scenario,
        cast=msgspec.to_builtins(play.cast), persona="p", agent="a", seed=play.assessment.episode, status="judged",
        next_seq=len(play.events),
    )  # fmt: skip
    Event.objects.bulk_create(
        Event(
            episode_id=episode.pk, seq=e.seq, kind=e.kind, turn=e.turn, call_id=e.call_id, head=e.head, payload=e.payload,
            created=timezone.now(),
        )
        for e in play.events
    )  # fmt: skip
    if play.outcome.slip:
        EpisodeTruth.objects.create(episode=episode, planned_slip=play.outcome.slip["kind"], slip=play.outcome.slip)
    judgements_write(assessments=[msgspec.structs.replace(play.assessment, episode=episode.pk)], bench=judge_bench())


async def some_plays() -> list[Played]:
    """Three whole ones in each domain and one with a slip."""
    wanted = [(domain, variation, None) for domain in DOMAINS for variation in VARIATIONS[:3]]
    found = [await played(domain, variation, 3, slip) for domain, variation, slip in [*wanted, (DOMAINS[0], VARIATIONS[0], "skipped_step")]]
    return [play for play in found if play is not None]


def asked(version: str, kind: str = "programmatic", damage: int = 10) -> Calibration:
    """A calibration that waits for a worker."""
    row, now = trust.judge_version(version), timezone.now()
    assert row is not None
    return Calibration.objects.create(
        judge_version=version, judge=kind, rubric_version=row.rubric_version, damage=damage, asked_by="owner", created=now, asked=now
    )


def report(version: str) -> Report:
    """The numbers that came out."""
    calibration = trust.newest_done(version)
    assert calibration is not None
    return trust.report_of(calibration)


class Lenient:
    """A judge that lets everything through."""

    def __init__(self) -> None:
        self.seen = 0

    async def examine(self, item: FinishedEpisode, kind: str, worlds: Worlds, packs: Mapping[str, Pack]) -> Finding:
        """It passes."""
        self.seen += 1
        return Finding(True, False, 5.0, [], "")


def test_the_checks_find_the_damage_and_a_lenient_judge_finds_none() -> None:
    plays = asyncio.run(some_plays())
    stored(plays)
    version = judge_bench().judge_version
    assert calibration_run(calibration_id=asked(version).pk) == "done"
    made = report(version)
    found = [one.found for part in made.parts.values() for one in part.damage]
    assert sum(one.n for one in found) == Mutant.objects.count() > 20
    assert all(value_of(one) == 1 for one in found)
    whole = [part.whole for part in made.parts.values() if isinstance(part.whole, Estimate)]
    assert sum(one.n for one in whole) == 6
    assert all(one.value == 1 for one in whole)
    # The slipped one is no subject: it is not whole.
    assert not Mutant.objects.filter(episode__truth__isnull=False).exists()

    # The same damaged plays, before a judge that passes everything.
    for row in Judgement.objects.all():
        Judgement.objects.create(
            episode_id=row.episode_id, judge="model", judge_version="f" * 64, rubric_version=row.rubric_version, overall=5, passed=True,
            process_credit=1, exact_digest=row.exact_digest, structural_digest=row.structural_digest,
        )  # fmt: skip
    lenient, before = Lenient(), Mutant.objects.count()
    assert calibration_run(calibration_id=asked("f" * 64, "model").pk, examiner_for=lambda version: lenient) == "done"
    assert all(value_of(one.found) == 0 for part in report("f" * 64).parts.values() for one in part.damage)
    # The slipped play passed this judge's checks, but what is known of it keeps it out.
    assert (Mutant.objects.count(), lenient.seen) == (before, before)

    # Once more: what was judged is not judged again.
    assert calibration_run(calibration_id=asked("f" * 64, "model").pk, examiner_for=lambda version: lenient) == "done"
    assert lenient.seen == before == MutantVerdict.objects.filter(judge_version="f" * 64).count()


def test_a_version_that_no_longer_runs_says_so() -> None:
    stored(asyncio.run(some_plays())[:2])
    Judgement.objects.update(judge_version="0" * 64)
    assert calibration_run(calibration_id=asked("0" * 64).pk) == "done"
    assert report("0" * 64).note == NO_LONGER
    assert Mutant.objects.count() == 0
    assert calibration_run(calibration_id=10**9) == "gone"


def test_a_failure_is_told_and_kept() -> None:
    stored(asyncio.run(some_plays())[:1])
    version = judge_bench().judge_version
    job = asked(version)

    def broken(version: str) -> None:
        raise RuntimeError("no judge")

    with pytest.raises(RuntimeError):
        calibration_run(calibration_id=job.pk, examiner_for=broken)
    job.refresh_from_db()
    assert (job.status, bool(job.error)) == ("failed", True)
