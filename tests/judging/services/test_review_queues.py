"""Filling queues: whole blocks once, the same every time; what people ask for comes first; overlap may change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from judging.models import Judgement, ReviewItem, ReviewQueue, ReviewRouting, ReviewSlot
from judging.selectors.candidates import candidates, sources_of
from judging.selectors.review_overview import load_of
from judging.selectors.reviewer_cards import cards
from judging.services import dataset_build, rubric_install, starter_rubric
from judging.services.review_queues import queue_edit, queue_install, review_route, run_ask
from synthesis.models import Episode, Run
from tests.judging.builders import good
from tests.judging.services.reviewing import a_queue, claimed, judged_run, reviewer, sealed

pytestmark = pytest.mark.django_db


def queue_and_run(episodes: int = 4, *, matching: bool = True) -> tuple[ReviewQueue, Run]:
    queue = queue_install(version=rubric_install(rubric=starter_rubric()))
    return queue, judged_run(*[good() for _ in range(episodes)], matching=matching)


def test_a_finished_run_is_routed_once_with_its_probabilities() -> None:
    queue, run = queue_and_run(4, matching=False)
    assert review_route(now=timezone.now()) == 4
    assert review_route(now=timezone.now()) == 0
    assert set(queue.items.values_list("stratum", "probability")) == {("fail", 1.0)}
    assert ReviewRouting.objects.get(run=run).complete
    assert ReviewSlot.objects.count() == 4


def test_rules_find_their_strata() -> None:
    queue, run = queue_and_run(6)
    queue_edit(queue=queue, unsure_share=1.0, new_release_share=1.0, pass_share=0.0)
    first, second = Judgement.objects.order_by("episode__index")[:2]
    Judgement.objects.filter(pk=first.pk).update(overall=3.0)
    first.pk, first.judge, first.judge_version, first.decides = None, "model", "other", False
    Judgement.objects.filter(pk=second.pk).update(overall=3.0)
    first.passed, first.party, first.tag = False, "agent", "x"
    first.save(force_insert=True)
    assert review_route(now=timezone.now()) == 6
    strata = dict(queue.items.order_by("episode__index").values_list("episode__index", "stratum"))
    assert strata == {0: "disagree", 1: "unsure"} | dict.fromkeys(range(2, 6), "release")
    later = judged_run(good(), good())
    review_route(now=timezone.now())
    assert set(queue.items.filter(episode__run=later).values_list("stratum", flat=True)) <= {"pass"}, "the release is known by now"
    assert run.pk < later.pk


def test_a_block_waits_until_all_of_it_is_over() -> None:
    _queue, run = queue_and_run(3, matching=False)
    Run.objects.filter(pk=run.pk).update(status="running")
    last = Episode.objects.filter(run=run).order_by("-index")[0]
    Episode.objects.filter(pk=last.pk).update(status="playing")
    assert review_route(now=timezone.now()) == 0
    Episode.objects.filter(pk=last.pk).update(status="judged")
    assert review_route(now=timezone.now()) == 3


def test_only_active_queues_and_runs_that_came_after_them() -> None:
    queue, run = queue_and_run(2, matching=False)
    queue_edit(queue=queue, active=False)
    assert review_route(now=timezone.now()) == 0
    queue_edit(queue=queue, active=True)
    Run.objects.filter(pk=run.pk).update(created=queue.created - timedelta(days=1))
    assert review_route(now=timezone.now()) == 0


def test_what_people_ask_for_comes_first() -> None:
    queue, run = queue_and_run(3, matching=False)
    review_route(now=timezone.now())
    asked = judged_run(good(), good())
    assert run_ask(queue=queue, run=asked, number=1, asked_by="olga", now=timezone.now()) == 1
    assert run_ask(queue=queue, run=asked, number=5, asked_by="olga", now=timezone.now()) == 1
    assert run_ask(queue=queue, run=run, number=5, asked_by="olga", now=timezone.now()) == 0
    assert claimed(queue, reviewer()).item.episode.run_id == asked.pk
    assert set(ReviewItem.objects.filter(episode__run=asked).values_list("stratum", "probability")) == {("asked", 0.5), ("asked", 1.0)}


def test_a_new_overlap_holds_for_what_is_not_done() -> None:
    queue = a_queue(3)
    sealed(queue, reviewer())
    queue_edit(queue=queue, overlap=3)
    assert sorted(queue.items.values_list("pk", flat=True)) and ReviewSlot.objects.count() == 1 + 3 + 3
    half = sealed(queue, reviewer())
    queue_edit(queue=queue, overlap=1)
    assert ReviewItem.objects.get(pk=half.item_id).state == "done"
    assert ReviewSlot.objects.filter(state="free").count() == 1


def test_what_people_decide_reaches_datasets() -> None:
    queue = a_queue(3)
    run = queue.items.order_by("pk")[0].episode.run
    Judgement.objects.filter(episode__run=run).update(passed=False, party="agent", tag="wrong_record", overall=1.0)
    before = dataset_build(run=run, duplicates=True)
    assert before.kept == 0
    decided = {sealed(queue, reviewer(), decision).item.episode_id: decision for decision in ("keep", "drop", "fix")}
    assert {row.episode_id: row.candidate.human for row in candidates(sources_of([run]))} == decided
    after = dataset_build(run=run, duplicates=True)
    assert after.pk != before.pk
    assert after.kept == 1
    assert after.counts["gates"]["review"]["removed"] == 2


def test_managers_see_load_and_people() -> None:
    queue = a_queue(3, overlap=2)
    sealed(queue, reviewer("ann"))
    claimed(queue, reviewer("bob"))
    load = load_of(queue)
    assert (load.waiting, load.started, load.done, load.slots) == (2, 1, 0, 5)
    assert load.hours == pytest.approx(5 * load.minutes / 60)
    assert [(card.username, card.sealed, card.drafts) for card in cards(queue=queue)] == [("ann", 1, 0), ("bob", 0, 1)]
