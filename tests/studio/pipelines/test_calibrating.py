"""Calibrating for real: episodes that programs played, damaged in sandboxes, and a judge put before every copy."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from judging.engine.assessment import FinishedEpisode
from judging.engine.calibration.badge import trusted
from judging.engine.calibration.report import Report
from judging.engine.judges.spec import JudgeSpec
from judging.engine.statistics.rates import mean_of
from judging.engine.statistics.result import Estimate, value_of
from judging.models import Calibration, Judgement, Mutant, MutantVerdict
from judging.selectors import trust
from judging.services import judge_bench, judgements_write
from judging.services.calibrations import Finding
from studio.pipelines.calibrating import NO_LONGER, calibration_run
from studio.pipelines.run_judge import bench_of
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Domain, Episode, EpisodeTruth, Event, ModelEndpoint, Release, Run, Scenario
from tests.builders_endpoints import an_endpoint
from tests.fakes.model_server.running import playing
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

    def at_work(self) -> contextlib.AbstractAsyncContextManager[object]:
        """It needs nothing."""
        return contextlib.nullcontext()

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


def judged_by_a_model(slug: str, model: str, url: str) -> str:
    """A model judge that has passed every play; its version."""
    an_endpoint(slug, key="", base_url=url, model=model, provider="fake")
    bench = bench_of(JudgeSpec("model", [slug]))
    for row in Judgement.objects.filter(judge="programmatic"):
        Judgement.objects.create(
            episode_id=row.episode_id, judge="model", judge_version=bench.judge_version, rubric_version_id=bench.rubric_version_id,
            overall=5, passed=True, process_credit=1, exact_digest=row.exact_digest, structural_digest=row.structural_digest, cost=1000,
        )  # fmt: skip
    return bench.judge_version


def test_a_model_judge_is_measured_by_itself() -> None:
    stored(asyncio.run(some_plays()))
    with playing() as provider:
        fair, blind = (judged_by_a_model(slug, model, provider.url) for slug, model in (("fair", "fake"), ("blind", "fake:always=5")))
        assert trust.examination_cost(fair).each == 1000
        for version in (fair, blind):
            assert calibration_run(calibration_id=asked(version, "model").pk) == "done"
        asked_for = [episode for role, episode in provider.told if role == "judge"]
    assert {int(episode) for episode in asked_for} == {-pk for pk in Mutant.objects.values_list("pk", flat=True)}
    found = [part.damage_found for part in report(fair).parts.values()]
    assert sum(one.n for one in found) == Mutant.objects.count() > 20
    assert all((value_of(one) or 0) > 0.8 for one in found), "it reads what stands there"
    assert MutantVerdict.objects.filter(judge_version=fair, named=True).exists()
    for part in report(blind).parts.values():
        assert value_of(part.damage_found) == 0, "the checks do not find it in its place"
        assert value_of(part.whole) == 1
        assert trusted(part.damage_found, mean_of(part.whole, part.damage_found)) is False
    # Another model behind the same name is another judge, of which nothing is measured.
    ModelEndpoint.objects.filter(slug="fair").update(model="fake:noise=1")
    assert calibration_run(calibration_id=asked(fair, "model").pk) == "done"
    assert report(fair).note == NO_LONGER


def test_an_endpoint_that_is_gone_fails_the_calibration_and_a_wait_puts_it_off() -> None:
    stored(asyncio.run(some_plays())[:2])
    with playing() as provider:
        gone = judged_by_a_model("gone", "fake", provider.url)
        waiting = judged_by_a_model("waiting", "fake:fault=429-300s,times=1", provider.url)
        ModelEndpoint.objects.filter(slug="gone").update(active=False)
        job = asked(gone, "model")
        assert calibration_run(calibration_id=job.pk) == "failed"
        job.refresh_from_db()
        assert "gone" in job.error
        job = asked(waiting, "model")
        assert calibration_run(calibration_id=job.pk) == "queued"
        job.refresh_from_db()
        assert job.asked > timezone.now() + timedelta(seconds=200) and job.attempts == 0
        kept = MutantVerdict.objects.filter(judge_version=waiting).count()
        assert 0 < kept < Mutant.objects.count(), "what was found is kept"
        assert calibration_run(calibration_id=job.pk) == "done"
        assert MutantVerdict.objects.filter(judge_version=waiting).count() == Mutant.objects.count()


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
