"""Model judges and panels in a run, over a real local server: what they find, what they cost, and every way in which they find nothing."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from judging.engine.judges.spec import spec_of
from judging.models import CriterionScore, Judgement, JudgeVersion
from judging.selectors import funnel
from judging.services import dataset_build
from judging.services.exports import export_write
from studio.pipelines.judge_choice import judge_chosen
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.run_judge import RunJudge
from studio.pipelines.run_stage import RunSeats
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.participants.wording import starter_wording
from synthesis.models import Episode, ModelEndpoint, ModelUsage, Run
from synthesis.services.prompts import prompt_publish
from synthesis.services.run_error import RunError
from synthesis.services.runs import run_resume
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.model_server import faults
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.provider import StudioProvider
from tests.fakes.stage import LocalStage

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=60, idle=0.5, lease=5, heartbeat=0.5, grace=5)


@pytest.fixture
def provider() -> Iterator[StudioProvider]:
    """A provider in a thread of its own, that judges by what it reads."""
    fake, loop, ready = StudioProvider(None), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        fake.url = f"http://127.0.0.1:{port_of(await fake.start())}/v1"
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield fake
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def endpoint(provider: StudioProvider, slug: str, model: str = "fake") -> None:
    prices = {"price_prompt": 1_000_000, "price_completion": 4_000_000}
    ModelEndpoint.objects.create(slug=slug, base_url=provider.url, model=model, provider="fake", purposes=["judge"], **prices)


class Stage(LocalStage):
    """Scripted seats and the judge of the run, over worlds in this process."""

    def __init__(self, run: Run) -> None:
        seats, judge = RunSeats({}, starter_wording()), RunJudge(spec_of(run.judge), {}, run.prompts)
        super().__init__(run, seats=seats, judge=judge)
        seats.packs, judge.packs_by_digest = {pack.slug: pack for pack in self.packs.values()}, self.packs
        self.run, self.asking = run, judge

    def at_work(self, database: Any) -> Any:
        """The room, without much patience."""
        self.asking.room = ModelRoom(database, self.run.pk, Patience(tries=2))
        return self.asking.room


def judged_run(episodes: int, *judges: str, **arguments: Any) -> Run:
    install()
    return a_run(episodes, judge=judge_chosen(judges=judges, **arguments).body())


def play(run: Run) -> int:
    return asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=Stage(run), limits=QUICK).run())


def test_a_panel_of_three_decides_within_the_bounds_of_the_checks(provider: StudioProvider) -> None:
    for slug, model in (("kind", "fake:always=5"), ("plain", "fake:always=4"), ("harsh", "fake:always=2")):
        endpoint(provider, slug, model)
    run = judged_run(3, "kind", "plain", "harsh")
    assert play(run) == 3
    assert {(row.judge, row.decides) for row in Judgement.objects.all()} == {("programmatic", False), ("panel", True)}
    assert Judgement.objects.filter(decides=True).count() == Judgement.objects.filter(decides=False).count() == 3
    for score in CriterionScore.objects.filter(judgement__decides=True, criterion__answered_by="judge"):
        checks = {row.check_id for row in score.judgement.broken.all()}
        assert sorted(score.votes) == [2.0, 4.0, 5.0] and score.spread == 3.0
        assert score.value == 4.0 or (checks and (score.value or 0) < 4.0), "the median, unless a check leaves less"
        assert score.evidence
    assert all(row.disputed for row in Judgement.objects.filter(decides=True)), "they disagree about a hard criterion"
    by_checks = CriterionScore.objects.filter(judgement__decides=True, criterion__answered_by="check")
    assert by_checks.exists() and not any(by_checks.values_list("votes", flat=True))
    judge = JudgeVersion.objects.get(kind="panel")
    assert sorted(judge.identity["endpoints"]) == ["harsh", "kind", "plain"]
    assert set(Judgement.objects.filter(decides=True).values_list("judge_version", flat=True)) == {judge.version}
    # What it cost is counted once: by endpoint and role, and by judgement.
    usage = ModelUsage.objects.filter(run=run)
    assert {row.role for row in usage} == {"judge"} and [row.calls for row in usage] == [3, 3, 3]
    counted = usage.aggregate(cost=Sum("cost"), read=Sum("prompt_tokens"), written=Sum("completion_tokens"))
    booked = Judgement.objects.filter(decides=True).aggregate(cost=Sum("cost"), tokens=Sum("tokens"))
    assert booked["cost"] == counted["cost"] > 0 and booked["tokens"] == counted["read"] + counted["written"]
    assert set(provider.told) == {("judge", str(pk)) for pk in Episode.objects.values_list("pk", flat=True)}
    # Gates and figures read what decides.
    version = dataset_build(run=run)
    assert version.sources.get().judge_version == judge.version and version.rows.count() == 3
    assert sum(funnel(run=run)["dropped"]["checks_passed"].values()) == Judgement.objects.filter(decides=True, passed=False).count()


def test_a_quote_that_nobody_said_is_no_evidence(provider: StudioProvider) -> None:
    endpoint(provider, "liar", "fake:quotes=invented")
    run = judged_run(1, "liar")
    assert play(run) == 1
    checks, liar = Judgement.objects.order_by("judge_version").get(judge="programmatic"), Judgement.objects.get(judge="model")
    assert (checks.decides, liar.decides) == (True, False), "where the judge fails the checks decide"
    assert liar.overall is None and "does not stand in event" in liar.error and liar.tag == "judge_error"
    assert liar.cost > 0 and ModelUsage.objects.get(run=run).calls == 3, "an answer that is none costs all the same"


def test_a_judge_that_mends_its_quotes_is_heard(provider: StudioProvider) -> None:
    endpoint(provider, "late", "fake:quotes=late")
    run = judged_run(1, "late")
    assert play(run) == 1
    judged = Judgement.objects.get(judge="model")
    assert judged.decides and not judged.error and ModelUsage.objects.get(run=run).calls == 2
    assert judged.cost == ModelUsage.objects.get(run=run).cost


def test_a_member_that_is_put_off_is_waited_for_and_nobody_is_asked_twice(provider: StudioProvider) -> None:
    endpoint(provider, "quick")
    endpoint(provider, "busy", "fake:fault=429-300s,times=1")
    run = judged_run(1, "quick", "busy")
    assert play(run) == 0
    waiting = Episode.objects.get(run=run)
    assert waiting.status == "played" and waiting.not_before and waiting.not_before > timezone.now()
    assert (waiting.crashes, waiting.failure) == (0, None) and not Judgement.objects.exists()
    Episode.objects.update(not_before=timezone.now())
    assert play(run) == 1
    assert Judgement.objects.get(decides=True).judge == "panel"
    assert ModelUsage.objects.get(run=run, endpoint__slug="quick").calls == 1


async def refuse(to: Any, _completion: Any, _stream: bool) -> None:
    """A key that is none."""
    await to.send(401, b'{"error": {"type": "invalid_api_key", "message": "No."}}')


def test_a_judge_that_lets_nobody_in_pauses_the_run_and_the_played_are_judged_later(
    provider: StudioProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(faults.FAULTS, "401", refuse)
    endpoint(provider, "locked", "fake:fault=401")
    run = judged_run(2, "locked")
    assert play(run) == 0
    run.refresh_from_db()
    assert run.status == "paused" and run.stopped
    assert {name: run.stopped[name] for name in ("kind", "party", "endpoint")} == {
        "kind": "no_access", "party": "judge", "endpoint": "locked",
    }  # fmt: skip
    assert not Episode.objects.filter(run=run, status="failed").exists()
    ModelEndpoint.objects.update(model="fake")
    run_resume(run_id=run.pk)
    assert play(run) == 2
    assert Judgement.objects.filter(judge="model", decides=True).count() == 2


@pytest.mark.parametrize("model", ["fake:fault=html", "fake:fault=huge"])
def test_a_judge_that_gives_up_is_an_error_and_no_score(provider: StudioProvider, model: str) -> None:
    endpoint(provider, "broken", model)
    run = judged_run(1, "broken")
    assert play(run) == 1
    failed = Judgement.objects.get(judge="model")
    assert (failed.overall, failed.decides, failed.party) == (None, False, "judge") and failed.error.startswith("broken: ")
    assert Judgement.objects.get(decides=True).judge == "programmatic"


def test_a_panel_does_without_a_minority_that_failed(provider: StudioProvider) -> None:
    for slug, model in (("one", "fake"), ("two", "fake"), ("three", "fake:fault=html")):
        endpoint(provider, slug, model)
    run = judged_run(1, "one", "two", "three")
    assert play(run) == 1
    judged = Judgement.objects.get(decides=True)
    assert judged.judge == "panel"
    assert {len(score.votes) for score in judged.scores.filter(criterion__answered_by="judge")} == {2}


@pytest.mark.parametrize("pinned", [True, False], ids=["as runs are", "a run of old"])
def test_a_prompt_that_is_published_makes_another_judge_and_each_judgement_says_which(
    provider: StudioProvider, pinned: bool, tmp_path: Path
) -> None:
    """Of the runs that start afterwards: one that is under way keeps the prompts it was started with, unless it is older than that."""
    endpoint(provider, "j")
    run = judged_run(2, "j")
    assert set(run.prompts) == {"judge", "judge_rules"}
    if not pinned:
        run.prompts = {}
        run.save()
    Episode.objects.filter(run=run, index=1).update(not_before=timezone.now() + timedelta(hours=1))
    assert play(run) == 1
    prompt_publish(name="judge_rules", text="Grade it.\n{criteria}", after=0, author="somebody", note="shorter", now=timezone.now())
    Episode.objects.filter(run=run).update(not_before=None)
    assert play(run) == 1
    deciding = Judgement.objects.filter(decides=True).values_list("judge_version", flat=True)
    assert (len(set(deciding)), len(deciding)) == (1 if pinned else 2, 2)
    assert judged_run(1, "j").prompts["judge_rules"] != run.prompts.get("judge_rules")
    version = dataset_build(run=run)
    assert version.rows.count() == 2, "every episode counts by the judge that judged it"
    assert (version.sources.get().judge_version in set(deciding)) is pinned
    export_write(version=version, formats=["openai"], directory=tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text())["models"]["judges"]
    assert len({judge["prompt"] for judge in told}) == (1 if pinned else 2)


def test_a_choice_that_cannot_be_is_refused(provider: StudioProvider) -> None:
    install()
    endpoint(provider, "j")
    with pytest.raises(RunError, match="called 'gone'"):
        judge_chosen(judges=["gone"])
    with pytest.raises(RunError, match="no rubric called"):
        judge_chosen(judges=["j"], rubric="gone")
    assert judge_chosen(judges=["j"]).kind == "model" and judge_chosen().kind == "programmatic"
    assert judge_chosen(judges=["j"]).rubric != judge_chosen().rubric
