"""Judging again: cost first, then beside what is there, then adopted and put back."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.judges.spec import JudgeSpec
from judging.models import Judgement, Rejudging
from judging.selectors import rejudging as selectors
from judging.services import dataset_build
from judging.services.rejudging import RejudgingError, rejudging_cancel, rejudging_resume
from studio.models import AuditEntry
from studio.pipelines import rejudging
from studio.pipelines.judge_choice import judge_chosen
from studio.pipelines.rejudge_estimate import estimate
from synthesis.models import Event, ModelEndpoint, Run
from tests.fakes.model_server import faults
from tests.fakes.model_server.provider import StudioProvider
from tests.studio.pipelines.test_run_judge import endpoint, judged_run, play, provider, refuse

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["provider"]


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def run(provider: StudioProvider) -> Run:
    """Four episodes, judged by the checks."""
    run = judged_run(4)
    assert play(run) == 4
    return run


def again(owner: User, run: Run, spec: JudgeSpec, **filters: str) -> Rejudging:
    return rejudging.rejudge_ask(actor=owner, run=run, spec=spec, filters=filters, said=estimate(run=run, spec=spec, filters=filters))


def test_old_episodes_are_judged_by_another_judge_beside_the_old_one(provider: StudioProvider, run: Run, owner: User) -> None:
    endpoint(provider, "harsh", "fake:always=1")
    before = dict(Judgement.objects.values_list("episode_id", "pk"))
    events = Event.objects.count()
    job = again(owner, run, judge_chosen(judges=["harsh"]))
    assert job.estimate["basis"] == "guess" and 0 < job.estimate["low"] < job.estimate["expected"] < job.estimate["high"]
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "done"
    assert Event.objects.count() == events, "nothing is played again"
    job.refresh_from_db()
    assert (job.done, job.errors) == (4, 0)
    assert job.cost == sum(Judgement.objects.filter(judge="model").values_list("cost", flat=True)) > 0
    assert dict(Judgement.objects.filter(decides=True).values_list("episode_id", "pk")) == before, "it decides nothing yet"
    found = selectors.compared(job)
    assert found.episodes == 4 and found.after.passed == 0 and (found.after.mean or 5) <= 1
    assert sum(found.matrix.values()) == 4 and found.matrix["passed", "failed"] == found.before.passed
    assert {shift.criterion for shift in found.criteria} >= {"task_success", "user_realism"}
    # A second time there is nothing to do and nothing to pay.
    asked = len(provider.told)
    second = again(owner, run, judge_chosen(judges=["harsh"]))
    assert rejudging.rejudge_run(rejudging_id=second.pk) == "done" and len(provider.told) == asked


def test_adopting_makes_it_decide_and_can_be_taken_back(provider: StudioProvider, run: Run, owner: User) -> None:
    endpoint(provider, "harsh", "fake:always=1")
    Run.objects.filter(pk=run.pk).update(status="finished")
    run.refresh_from_db()
    first = dataset_build(run=run)
    before = dict(Judgement.objects.values_list("episode_id", "pk"))
    job = again(owner, run, judge_chosen(judges=["harsh"]))
    rejudging.rejudge_run(rejudging_id=job.pk)
    job.refresh_from_db()
    assert rejudging.adopt(actor=owner, job=job) == 4
    job.refresh_from_db()
    assert set(Judgement.objects.filter(decides=True).values_list("judge", flat=True)) == {"model"}
    assert Judgement.objects.filter(decides=True).count() == 4
    newest = first.dataset.versions.order_by("-number")[0]
    assert newest != first and newest.kept == 0, "the run's dataset follows"
    assert selectors.compared(job).before.passed == selectors.compared(job).matrix.get(("passed", "failed"), 0), "still both sides"
    with pytest.raises(RejudgingError):
        rejudging.adopt(actor=owner, job=job)
    assert rejudging.put_back(actor=owner, job=job) == 4
    assert dict(Judgement.objects.filter(decides=True).values_list("episode_id", "pk")) == before
    notes = list(AuditEntry.objects.filter(action="judgements.rejudge").order_by("pk").values_list("note", flat=True))
    assert [note.split(" ")[0] for note in notes] == ["model", "adopt", "put"]


def test_only_what_is_chosen_is_judged(provider: StudioProvider, run: Run, owner: User) -> None:
    endpoint(provider, "j")
    spec = judge_chosen(judges=["j"])
    with pytest.raises(RejudgingError, match="No judged episode"):
        again(owner, run, spec, domain="nowhere")
    failed = Judgement.objects.order_by("pk")[0]
    Judgement.objects.filter(pk=failed.pk).update(passed=False, party="agent", tag="planted", overall=1)
    Judgement.objects.exclude(pk=failed.pk).update(passed=True, party="", overall=5)
    job = again(owner, run, spec, verdict="failed")
    assert job.episodes == 1 and rejudging.rejudge_run(rejudging_id=job.pk) == "done"
    assert list(Judgement.objects.filter(judge="model").values_list("episode_id", flat=True)) == [failed.episode_id]


def test_an_estimate_from_the_past_is_narrower_than_a_guess(provider: StudioProvider, run: Run, owner: User) -> None:
    endpoint(provider, "j")
    spec = judge_chosen(judges=["j"])
    guess = estimate(run=run, spec=spec, filters={})
    job = again(owner, run, spec)
    rejudging.rejudge_run(rejudging_id=job.pk)
    Judgement.objects.filter(judge="model").update(cost=1000)
    Judgement.objects.filter(judge="model", episode__index=0).update(cost=1400)
    assert estimate(run=run, spec=spec, filters={}).basis == "guess", "four are too few"
    row = Judgement.objects.filter(judge="model")[0]
    row.pk, row.judge_version, row.cost = None, "f" * 64, 1000
    row.save()
    from judging.models import JudgeVersion

    known = JudgeVersion.objects.get(kind="model")
    JudgeVersion.objects.create(version="f" * 64, kind="model", rubric_version=known.rubric_version, identity=known.identity)
    past = estimate(run=run, spec=spec, filters={})
    assert past.basis == "past" and past.low < past.expected == 4320 < past.high
    assert (past.high - past.low) / past.expected < (guess.high - guess.low) / guess.expected
    assert estimate(run=run, spec=judge_chosen(), filters={}).high == 0


def test_it_waits_stops_goes_on_and_ends_early(provider: StudioProvider, run: Run, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint(provider, "j", "fake:fault=429-300s,times=1")
    job = again(owner, run, judge_chosen(judges=["j"]))
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "queued"
    job.refresh_from_db()
    assert job.not_before and job.not_before > timezone.now() and job.done == 0
    assert Judgement.objects.filter(judge="model").count() == 3, "what was answered is kept"
    assert selectors.rejudgings_lost(now=timezone.now(), asked_before=timezone.now()) == []
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "queued", "not before its moment"
    Rejudging.objects.update(not_before=None)
    monkeypatch.setitem(faults.FAULTS, "401", refuse)
    ModelEndpoint.objects.update(model="fake:fault=401")
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "stopped"
    job.refresh_from_db()
    assert job.problem
    ModelEndpoint.objects.update(model="fake:fault=429-300s,times=1")
    rejudging_resume(rejudging_id=job.pk, now=timezone.now())
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "done"
    job.refresh_from_db()
    assert job.done == 4 and Judgement.objects.filter(judge="model", error="").count() == 4
    with pytest.raises(RejudgingError, match="over already"):
        rejudging_cancel(rejudging_id=job.pk, now=timezone.now())


def test_a_lost_message_and_a_dead_worker_are_found(provider: StudioProvider, run: Run, owner: User) -> None:
    endpoint(provider, "j")
    job = again(owner, run, judge_chosen(judges=["j"]))
    now = timezone.now()
    assert selectors.rejudgings_lost(now=now, asked_before=now) == [job.pk]
    Rejudging.objects.update(status="working", lease_until=now, epoch=1)
    assert selectors.rejudgings_lost(now=timezone.now(), asked_before=timezone.now()) == [job.pk]
    with pytest.raises(RejudgingError, match="at work"):
        again(owner, run, judge_chosen(judges=["j"]))
    assert rejudging.rejudge_run(rejudging_id=job.pk) == "done"
