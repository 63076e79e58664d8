"""What older databases hold becomes what newer code reads."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from synthesis.models import Episode
from tests.judging.builders import good, good_ko
from tests.judging.services.rows import make_run


@pytest.mark.django_db(transaction=True)
def test_the_newest_judgement_of_an_episode_decides() -> None:
    before, after = [("judging", "0007_adjudication_and_probes")], [("judging", "0008_judgements_that_decide")]
    rest = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] == "synthesis"]
    latest = [node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] in {"judging", "studio"}]
    one, two = Episode.objects.filter(run=make_run([good(), good_ko()])).order_by("index").values_list("pk", flat=True)
    executor = MigrationExecutor(connection)
    executor.migrate(before)
    old = executor.loader.project_state(before + rest).apps
    try:
        rubric = old.get_model("judging", "Rubric").objects.create(slug="r", name="r")
        version = old.get_model("judging", "RubricVersion").objects.create(rubric=rubric, number=1, digest="r" * 64, body={})
        for episode, name in ((one, "a"), (two, "a"), (one, "b")):
            _judged(old, episode, version, name)
        executor = MigrationExecutor(connection)
        executor.migrate(after)
        new = executor.loader.project_state(after + rest).apps
        rows = new.get_model("judging", "Judgement").objects.filter(decides=True).order_by("episode__index")
        assert list(rows.values_list("episode__index", "judge_version")) == [(0, "b" * 64), (1, "a" * 64)]
        assert set(new.get_model("judging", "JudgeVersion").objects.values_list("version", flat=True)) == {"a" * 64, "b" * 64}
    finally:
        MigrationExecutor(connection).migrate(latest)


def _judged(apps: Any, episode: int, version: Any, name: str) -> None:
    apps.get_model("judging", "Judgement").objects.create(
        episode_id=episode, judge_version=name * 64, rubric_version=version, overall=5, passed=True, process_credit=1,
        exact_digest="e" * 64, structural_digest="s" * 64, created=timezone.now(),
    )  # fmt: skip
