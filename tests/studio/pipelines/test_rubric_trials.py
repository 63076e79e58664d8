"""A draft tried with a model judge, and a disputed question worded anew by a model: cost first, budget, waiting, going on."""

from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.engine.rubric_lint import read_draft
from judging.engine.rubric_text import write_rubric
from judging.models import Adjudication, Criterion, Judgement, RubricDraft, RubricTrial, TrialAnswer
from judging.selectors import rubric_trials as selectors
from judging.selectors.rubrics import newest_version
from judging.services import rubric_install, starter_rubric
from judging.services.review_queues import items_ask, queue_install
from judging.services.rubric_drafts import draft_begin
from judging.services.rubric_trials import TrialRefused, trial_cancel, trial_resume
from judging.services.rubrics import judges_rubric
from studio.models import AuditEntry
from studio.pipelines import rubric_trials as pipeline
from studio.pipelines.accepting import accept
from studio.pipelines.trial_plans import plan_draft, plan_wording
from synthesis.models import Episode, ModelEndpoint, ModelUsage
from tests.fakes.model_server.provider import StudioProvider
from tests.studio.pipelines.test_run_judge import endpoint, judged_run, play, provider

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["provider"]


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


def a_draft(**questions: str) -> RubricDraft:
    """A draft of the rubric for model judges, beside its published version."""
    published = rubric_install(rubric=judges_rubric())
    criteria = [msgspec.structs.replace(c, question=questions.get(c.id, c.question)) for c in judges_rubric().criteria]
    text = write_rubric(msgspec.structs.replace(judges_rubric(), criteria=criteria))
    return draft_begin(slug="judges", text=text, based_on=published, by="ann", now=timezone.now())


def asked(ann: User, budget: int | None = None) -> RubricTrial:
    return pipeline.trial_ask(
        actor=ann, plan=plan_draft(draft=a_draft(policy="Was every rule kept?"), judges=["j"], hidden=()), budget=budget
    )


def test_a_draft_is_answered_by_a_model_beside_what_was_said_before(provider: StudioProvider, ann: User) -> None:
    endpoint(provider, "j", "fake:always=1")
    assert play(judged_run(3)) == 3
    before = list(Judgement.objects.order_by("pk").values())
    trial = asked(ann)
    assert len(trial.episodes) == 3 and 0 < trial.estimate["low"] < trial.estimate["high"] == trial.budget
    assert pipeline.trial_run(trial_id=trial.pk) == "done"
    trial.refresh_from_db()
    assert list(Judgement.objects.order_by("pk").values()) == before, "it is no judgement"
    assert trial.cost == sum(ModelUsage.objects.values_list("cost", flat=True)) > 0 and selectors.done_of(trial) == (3, 0)
    lines = selectors.tried_by(trial, hidden=())
    assert [line.episode.pk for line in lines] == trial.episodes
    assert {line.new.passed for line in lines} == {False} and all((line.new.values["policy"] or 0) <= 1 for line in lines)
    assert [line.episode.pk for line in selectors.tried_by(trial, hidden=trial.episodes[:1])] == trial.episodes[1:]
    assert pipeline.trial_run(trial_id=trial.pk) == "done" and ModelUsage.objects.get().calls == 3
    assert AuditEntry.objects.get(action="rubrics.edit").note == "draft 1 tried"


def test_it_stops_at_its_budget_and_goes_on_with_a_larger_one(provider: StudioProvider, ann: User) -> None:
    endpoint(provider, "j")
    assert play(judged_run(6)) == 6
    trial = asked(ann, budget=1)
    assert pipeline.trial_run(trial_id=trial.pk) == "stopped" and not provider.told, "nobody is asked for more than there is"
    trial.refresh_from_db()
    assert "larger" in trial.problem and pipeline.trials_ask_again(now=timezone.now()) == []
    each = trial.estimate["expected"] // 6
    pipeline.resume(actor=ann, trial=trial, budget=3 * each)
    assert pipeline.trial_run(trial_id=trial.pk) == "stopped"
    trial.refresh_from_db()
    assert 0 < selectors.done_of(trial)[0] < 6
    pipeline.resume(actor=ann, trial=trial, budget=100 * each)
    assert pipeline.trial_run(trial_id=trial.pk) == "done"
    assert selectors.done_of(trial) == (6, 0) and len(provider.told) == 6, "nobody is asked twice"


def test_it_waits_for_a_model_and_can_be_ended(provider: StudioProvider, ann: User) -> None:
    endpoint(provider, "j", "fake:fault=429-300s,times=1")
    assert play(judged_run(3)) == 3
    trial = asked(ann)
    with pytest.raises(TrialRefused, match="under way"):
        asked(ann)
    assert pipeline.trial_run(trial_id=trial.pk) == "queued"
    trial.refresh_from_db()
    assert trial.not_before and trial.not_before > timezone.now() and selectors.done_of(trial) == (2, 0)
    RubricTrial.objects.update(not_before=None)
    assert selectors.trials_lost(now=timezone.now(), asked_before=timezone.now()) == [trial.pk]
    pipeline.cancel(actor=ann, trial=trial)
    assert pipeline.trial_run(trial_id=trial.pk) == "cancelled"
    with pytest.raises(TrialRefused, match="over already"):
        trial_cancel(trial_id=trial.pk, now=timezone.now())
    with pytest.raises(TrialRefused, match="stand still"):
        trial_resume(trial_id=trial.pk, budget=None, now=timezone.now())


def test_what_cannot_be_tried_is_refused_with_a_reason(provider: StudioProvider) -> None:
    draft = a_draft()
    with pytest.raises(TrialRefused, match="Choose a model"):
        plan_draft(draft=draft, judges=[], hidden=())
    with pytest.raises(TrialRefused, match="called 'gone'"):
        plan_draft(draft=draft, judges=["gone"], hidden=())
    rubric_install(rubric=starter_rubric())
    checks = draft_begin(slug="starter", text=write_rubric(starter_rubric()), based_on=None, by="ann", now=timezone.now())
    with pytest.raises(TrialRefused, match="nothing to ask a model"):
        plan_draft(draft=checks, judges=["j"], hidden=())


@pytest.fixture
def disputed(provider: StudioProvider, ann: User) -> Criterion:
    """Three episodes on which people differ about one question: settled as bad, settled as good, found ambiguous."""
    endpoint(provider, "j", "fake:always=4")
    ModelEndpoint.objects.update(purposes=["judge", "author"])
    assert play(judged_run(3)) == 3
    queue = queue_install(version=newest_version("starter"))
    numbers = list(Episode.objects.order_by("index").values_list("pk", flat=True))
    items_ask(queue=queue, episode_ids=numbers, probability=1.0, asked_by="ann", now=timezone.now())
    criterion = Criterion.objects.get(version=queue.rubric_version, slug="policy")
    outcomes: list[dict[str, Any]] = [{"outcome": "new", "value": 1}, {"outcome": "new", "value": 5}, {"outcome": "ambiguous"}]
    for item, outcome in zip(queue.items.order_by("episode__index"), outcomes, strict=True):
        Adjudication.objects.create(
            item=item, criterion=criterion, cause="people", note="they read it differently", by=ann, settled=timezone.now(), **outcome
        )
    return criterion


def test_a_model_words_a_disputed_question_anew_and_an_author_accepts_it(disputed: Criterion, provider: StudioProvider, ann: User) -> None:
    plan = plan_wording(criterion=disputed, author="j", judges=["j"], viewer_id=ann.pk)
    trial = pipeline.trial_ask(actor=ann, plan=plan)
    assert pipeline.trial_run(trial_id=trial.pk) == "done"
    trial.refresh_from_db()
    proposal = selectors.proposal_of(trial)
    assert proposal and set(proposal.scale) == {0, 5} and proposal.question != disputed.question
    assert {role for role, _episode in provider.told} == {"author", "judge"}
    found = selectors.settled_by(trial, hidden=())
    by_value = {row.case.value: row for row in found}
    assert (by_value[1].settles, by_value[5].settles, by_value[None].settles) == ("no", "yes", "unknown")
    assert {row.value for row in found} == {4} and TrialAnswer.objects.count() == 3
    # Nothing is published, nor is there a draft, before somebody accepts it; then other words of the draft stay.
    assert not RubricDraft.objects.exists()
    assert accept(actor=ann, trial=trial) == "starter"
    rubric, _findings = read_draft(RubricDraft.objects.get().text, "starter")
    assert rubric is not None and newest_version("starter").number == 1
    changed = [c for c in rubric.criteria if c not in starter_rubric().criteria]
    [old] = [c for c in starter_rubric().criteria if c.id == "policy"]
    assert changed == [msgspec.structs.replace(old, question=proposal.question, scale=proposal.scale)]
    with pytest.raises(TrialRefused, match="accepted"):
        accept(actor=ann, trial=selectors.trial_get(trial.pk))  # type: ignore[arg-type]


def test_what_a_wording_took_is_no_measure_of_what_an_episode_takes(
    disputed: Criterion, provider: StudioProvider, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH", 1)
    endpoint(provider, "dear")
    ModelEndpoint.objects.filter(slug="dear").update(purposes=["author"], price_prompt=10**9, price_completion=0)
    plan = plan_wording(criterion=disputed, author="dear", judges=["j"], viewer_id=ann.pk)
    first = pipeline.trial_ask(actor=ann, plan=plan)
    assert pipeline.trial_run(trial_id=first.pk) == "done"
    first.refresh_from_db()
    again = pipeline.trial_ask(actor=ann, plan=plan, budget=round(1.7 * first.cost))
    assert pipeline.trial_run(trial_id=again.pk) == "done" and selectors.done_of(again) == (3, 0)


def test_a_draft_that_lost_the_question_takes_no_wording(disputed: Criterion, ann: User) -> None:
    plan = plan_wording(criterion=disputed, author="j", judges=["j"], viewer_id=ann.pk)
    trial = pipeline.trial_ask(actor=ann, plan=plan)
    with pytest.raises(TrialRefused, match="no wording yet"):
        accept(actor=ann, trial=trial)
    assert pipeline.trial_run(trial_id=trial.pk) == "done"
    trial.refresh_from_db()
    kept: Rubric = msgspec.structs.replace(starter_rubric(), criteria=[c for c in starter_rubric().criteria if c.id != "policy"])
    draft_begin(slug="starter", text=write_rubric(kept), based_on=None, by="ann", now=timezone.now())
    with pytest.raises(TrialRefused, match="policy"):
        accept(actor=ann, trial=trial)
    RubricDraft.objects.update(text="slug: [")
    with pytest.raises(TrialRefused, match="errors"):
        accept(actor=ann, trial=trial)
