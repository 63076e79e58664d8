"""Datasets of one run and of several, and what a rule would keep before it is saved."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from judging.engine.filters import Rule
from judging.models import Dataset, ExportJob, Judgement
from judging.selectors import version_of
from judging.selectors.datasets import criteria_of, mixes, rows_of
from judging.selectors.what_if import what_if
from judging.services import DatasetError, dataset_build, dataset_freeze, dataset_save
from synthesis.models import Run
from tests.builders_many import many_episodes
from tests.judging.services.reviewing import a_queue, reviewer, sealed

pytestmark = pytest.mark.django_db


def two_runs() -> list[Run]:
    return [many_episodes(60, failing=0.3, scores=True), many_episodes(40, failing=0.3, scores=True)]


RULES = [
    Rule(),
    Rule(threshold=4.8),
    Rule(threshold=2.0, passed_only=False),
    Rule(floors={"grounding": 4.9}),
    Rule(domains=["clinic"], variations=["plain", "gradual"]),
    Rule(languages=["ko"]),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_would_be_kept_is_what_is_kept(rule: Rule) -> None:
    runs = two_runs()
    # A duplicate across runs, of the best there is.
    best = Judgement.objects.filter(passed=True).order_by("-overall")[0]
    Judgement.objects.filter(episode__run=runs[1], passed=True).update(exact_digest=best.exact_digest)
    would = what_if(runs=runs, rule=rule)
    version = dataset_freeze(dataset=dataset_save(name="Best of both", runs=runs, rule=rule))
    assert would.tally.counts() == version.counts
    assert (would.tally.kept, would.tally.mean_quality) == (version.kept, version.mean_quality)
    assert would.mix == mixes(version)
    assert version.rows.filter(gate="").count() == version.kept > 0
    assert sum(would.kept) == version.kept and sum(would.removed) + would.unscored == would.tally.offered - version.kept


def test_what_is_chosen_is_what_is_asked_about() -> None:
    runs = two_runs()
    for rule, column, values in (
        (Rule(domains=["clinic"]), "domain", {"clinic"}),
        (Rule(variations=["plain"]), "variation", {"plain"}),
        (Rule(languages=["ko"]), "language", {"ko"}),
    ):
        found = what_if(runs=runs, rule=rule)
        assert set(found.mix[column]) == values
        assert 0 < found.tally.offered < Judgement.objects.count()


def test_positions_run_on_from_run_to_run() -> None:
    runs = two_runs()
    version = dataset_freeze(dataset=dataset_save(name="Both", runs=list(reversed(runs)), rule=Rule(threshold=0, passed_only=False)))
    assert [(source.run_id, source.first) for source in version.sources.all()] == [(runs[0].pk, 0), (runs[1].pk, 60)]
    for row in version.rows.select_related("episode"):
        assert row.position == row.episode.index + (60 if row.episode.run_id == runs[1].pk else 0)


def test_the_same_again_is_the_same_version_and_a_new_rule_a_new_one() -> None:
    runs = two_runs()
    first = dataset_freeze(dataset=dataset_save(name="Both", runs=runs, rule=Rule()))
    assert dataset_freeze(dataset=dataset_save(name="Both", runs=runs, rule=Rule())) == first
    second = dataset_freeze(dataset=dataset_save(name=" both ", runs=runs[:1], rule=Rule(threshold=4.9)))
    assert (second.dataset_id, second.number) == (first.dataset_id, 2)
    assert [source.run_id for source in second.sources.all()] == [runs[0].pk]


def test_a_run_has_a_dataset_of_its_own() -> None:
    runs = two_runs()
    own = dataset_build(run=runs[0])
    dataset_freeze(dataset=dataset_save(name="Both", runs=runs, rule=Rule()))
    assert version_of(run=runs[0]) == own
    assert version_of(run=runs[1]) is None


@pytest.mark.parametrize("name", ["", "  ", "run 7", "Run-x"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(DatasetError):
        dataset_save(name=name, runs=[many_episodes(5)], rule=Rule())
    assert not Dataset.objects.exists()


def test_a_name_in_any_script_will_do() -> None:
    runs = [many_episodes(5)]
    assert dataset_save(name="가장 좋은 대화", runs=runs, rule=Rule()) == dataset_save(name="가장 좋은 대화", runs=runs, rule=Rule())
    assert dataset_save(name="다른 대화", runs=runs, rule=Rule()).name == "다른 대화"


def test_rows_are_found_by_what_removed_them() -> None:
    version = dataset_build(run=many_episodes(80, failing=0.4))
    reasons = version.counts["gates"]["checks"]["reasons"]
    reason, number = next(iter(reasons.items()))
    found = rows_of(version, gate="checks", reason=reason, limit=100)
    assert len(found) == number and {row.reason for row in found} == {reason}
    assert [row.position for row in rows_of(version, limit=100)] == sorted(row.position for row in version.rows.filter(gate=""))


def test_a_job_is_of_a_run_or_of_a_dataset() -> None:
    run = many_episodes(5)
    dataset = dataset_save(name="Some", runs=[run], rule=Rule())
    wanted: dict[str, Any] = {"formats": ["openai"], "created": timezone.now(), "asked": timezone.now()}
    for both in ({}, {"run": run, "dataset": dataset}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExportJob.objects.create(**wanted, **both)


def test_asking_costs_the_same_queries_however_many_episodes() -> None:
    def queries(run: Run) -> int:
        with CaptureQueriesContext(connection) as asked:
            what_if(runs=[run], rule=Rule(floors={"policy": 4}))
        return len(asked)

    assert queries(many_episodes(20)) == queries(many_episodes(700)) <= 4


def test_criteria_are_those_of_the_rubric_that_was_used() -> None:
    assert [slug for slug, _ in criteria_of([many_episodes(3)])][:2] == ["task_success", "tool_use"]
    assert criteria_of([]) == []


def test_only_what_people_reviewed_on_request() -> None:
    queue = a_queue(3)
    sealed(queue, reviewer())
    run = Run.objects.get()
    rule = Rule(duplicates=True, reviewed=True)
    assert what_if(runs=[run], rule=rule).tally.offered == 1
    assert what_if(runs=[run], rule=Rule(duplicates=True)).tally.offered == 3
    version = dataset_freeze(dataset=dataset_save(name="By hand", runs=[run], rule=rule))
    assert version.rows.count() == version.kept == 1 and version.rule["reviewed"] is True
