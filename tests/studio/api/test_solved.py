"""How scenarios were solved, over REST: difficulty after results and pass^k, for those who may know."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from judging.services.review_queues import items_ask
from studio.models import Role
from studio.pipelines.recalibrating import recalibrate
from synthesis.models import Episode, Scenario
from tests.builders_plays import judged_plays
from tests.judging.services.reviewing import a_queue, claimed
from tests.studio.api.conftest import Caller

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/scenarios/"


@pytest.fixture
def digests() -> list[str]:
    """Two scenarios that a model played twice each: it solves the first now and then, the second never."""
    run = judged_plays()
    Scenario.objects.update(difficulty=1)
    assert recalibrate(run) == 2
    return [str(Episode.objects.get(run=run, index=index).scenario_id) for index in (0, 4)]


def test_results_are_read_and_filtered(digests: list[str], caller: Callable[..., Caller]) -> None:
    author = caller(Role.AUTHOR)
    listed = {row["digest"]: row["measured"] for row in author.get(PLACE).json()["items"]}
    assert [listed[digest] for digest in digests] == [2, 3]
    assert [row["digest"] for row in author.get(f"{PLACE}?measured=3").json()["items"]] == digests[1:]
    assert author.get(f"{PLACE}{digests[0]}/").json()["solved"] == {"plays": 2, "solved": 1, "pass_k": [0.5, 0.0]}
    assert author.get(f"{PLACE}{digests[1]}/").json()["solved"] == {"plays": 2, "solved": 0, "pass_k": [0.0, 0.0]}


def test_whoever_reviews_blind_is_told_nothing(digests: list[str], caller: Callable[..., Caller]) -> None:
    reviewer, author = caller(Role.REVIEWER), caller(Role.AUTHOR)
    assert {row["measured"] for row in reviewer.get(PLACE).json()["items"]} == {None}
    assert reviewer.get(f"{PLACE}{digests[0]}/").json()["solved"] is None
    refused = reviewer.get(f"{PLACE}?measured=3")
    assert refused.status_code == 400 and "measured" in refused.json()["errors"]
    queue = a_queue(0)
    items_ask(
        queue=queue,
        episode_ids=[Episode.objects.get(scenario_id=digests[0], index=0).pk],
        probability=1.0,
        asked_by="owner",
        now=timezone.now(),
    )
    claimed(queue, author.user)
    listed = {row["digest"]: row["measured"] for row in author.get(PLACE).json()["items"]}
    assert [listed[digest] for digest in digests] == [None, 3], "only what is reviewed is hidden"
    assert author.get(f"{PLACE}?measured=2").json()["items"] == []
    assert author.get(f"{PLACE}{digests[0]}/").json()["solved"] is None
