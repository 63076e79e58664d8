"""Passing episodes that may be damaged, to see what a judge finds."""

import random
from collections.abc import Iterator

import msgspec

from judging.engine.mutation.subject import Subject
from judging.models import Judgement
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode
from synthesis.selectors.episodes import log_of

NEWEST = 5000
"""Episodes among which subjects are drawn."""


def subject_ids(version: str, seed: int) -> list[int]:
    """Episodes that ``version`` judged and that are as they should be, in an order drawn by ``seed``.

    Where programs sat on both seats, that is known of themselves: no slip was made, whatever the judge says. Else the checks found
    nothing.
    """
    rows = Judgement.objects.filter(judge_version=version, error="", episode__scenario__isnull=False)
    rows = rows.exclude(episode__truth__slip__isnull=False)
    columns = rows.order_by("-pk").values_list("episode_id", "passed", "episode__run__seats")[:NEWEST]
    found = [episode for episode, passed, seats in columns if passed or _programs(seats)]
    return random.Random(seed).sample(sorted(found), len(found))


def _programs(seats: object) -> bool:
    return isinstance(seats, dict) and all(seats.get(seat, "scripted") == "scripted" for seat in ("user", "agent"))


def subjects(ids: list[int]) -> Iterator[Subject]:
    """These episodes with all that it takes to damage them, one at a time."""
    for episode in ids:
        row = Episode.objects.select_related("scenario").get(pk=episode)
        assert row.scenario is not None
        scenario, cast = msgspec.convert(row.scenario.body, Scenario), msgspec.convert(row.cast, Cast)
        yield Subject(row.pk, scenario, cast, row.seed, log_of(row.pk))
