"""The builder of thousands of episodes keeps to the shapes that services write."""

from datetime import timedelta

import pytest
from django.utils import timezone

from judging.models import CriterionScore, Judgement
from judging.selectors.judgements import blames
from synthesis.models import Episode, Event
from synthesis.selectors.episodes import troubles
from tests.builders_many import many_episodes

pytestmark = pytest.mark.django_db


def test_it_writes_what_a_finished_run_leaves_behind() -> None:
    run = many_episodes(400, days=10, failing=0.2, troubled=0.1, scores=True, events=2)
    judged = Episode.objects.filter(run=run, status="judged").count()
    assert Judgement.objects.count() == judged == run.counts["judged"]
    assert sum(run.counts.values()) == 400
    assert 20 < judged - Judgement.objects.filter(passed=True).count() < 140
    assert {blame.party for blame in blames(run)} == {"agent", "user", "tool"}
    assert {trouble.status for trouble in troubles(run)} == {"failed", "unfilled"}
    assert CriterionScore.objects.count() > judged
    assert Event.objects.count() == 800
    oldest = Judgement.objects.order_by("created").values_list("created", flat=True)[0]
    assert timedelta(days=9) < timezone.now() - oldest < timedelta(days=11)
