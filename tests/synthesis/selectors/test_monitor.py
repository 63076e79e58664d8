"""Windows over the making of episodes, counted by the database."""

from datetime import UTC, datetime, timedelta

import pytest

from synthesis.models import Episode
from synthesis.selectors.monitor import ended_by_step, struggling
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db


def test_steps_begin_where_they_should() -> None:
    install()
    run = a_run(4)
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    moments = [noon - timedelta(microseconds=1), noon, noon + timedelta(minutes=59, seconds=59), noon + timedelta(hours=1)]
    for index, moment in enumerate(moments):
        Episode.objects.filter(run=run, index=index).update(finished=moment, next_seq=10 + index)
    step = int(noon.timestamp()) // 3600
    found = ended_by_step(noon - timedelta(hours=3), 3600)
    assert found == {step - 1: (1, 10), step: (2, 23), step + 1: (1, 13)}
    assert ended_by_step(noon, 3600) == {step: (2, 23), step + 1: (1, 13)}


def test_only_runs_with_enough_episodes_and_failures_struggle() -> None:
    install()
    run = a_run(30)
    Episode.objects.filter(run=run, index__lt=10).update(status="unfilled")
    assert struggling(20, 0.3) == []
    assert struggling(10, 0.3) == [(run.pk, 10, 10)]
    assert struggling(10, 1.01) == []
