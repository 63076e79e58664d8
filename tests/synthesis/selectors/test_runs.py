"""What is asked of runs."""

from collections.abc import Callable

import pytest

from synthesis.models import Episode
from synthesis.selectors import catalog, runs
from tests.builders_runs import a_run, install, queued

pytestmark = pytest.mark.django_db


def test_counts_name_every_status_in_one_query(django_assert_num_queries: Callable[[int], object]) -> None:
    install()
    run = a_run(4)
    Episode.objects.filter(index=0).update(status="failed")
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        counts = runs.run_counts(run.pk)
    assert counts == {"planned": 3, "queued": 0, "playing": 0, "played": 0, "judged": 0, "unfilled": 0, "failed": 1, "cancelled": 0}
    assert runs.run_open(counts) == 3 and not runs.run_is_over(run.pk)


def test_the_last_run_is_the_newest_that_is_not_over() -> None:
    install()
    first, second = a_run(1), a_run(1)
    assert runs.run_last() == second
    type(second).objects.filter(pk=second.pk).update(status="finished")
    assert runs.run_last() == first
    assert runs.run_list() == [second, first] and runs.runs_under_way() == [first.pk]
    assert runs.run_get(999) is None


def test_what_waits_is_counted_by_who_has_its_world() -> None:
    install()
    run = a_run(3)
    queued(run)
    holder = Episode.objects.values_list("holder", flat=True)[0] or 0
    assert runs.queued_count(run.pk, holder) == 3 and runs.queued_count(run.pk, holder + 1) == 0
    assert not runs.generation_left(run.pk)


def test_active_releases_are_read_without_their_texts(django_assert_num_queries: Callable[[int], object]) -> None:
    install("vet_clinic", "retail_orders")
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        releases = catalog.active_releases()
        assert [release.digest[:0] for release in releases.values()] == ["", ""]
    assert list(releases) == ["retail_orders", "vet_clinic"]
    assert {"pack", "pack_text"} <= releases["vet_clinic"].get_deferred_fields()
