"""Who gets in at the pages of runs and episodes."""

from collections.abc import Mapping
from typing import Any

from synthesis.models import Episode
from tests.builders_logs import an_episode as logged_episode
from tests.builders_logs import append, start
from tests.builders_plays import judged_plays
from tests.builders_runs import a_run, install
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O, P, V


def a_run_id() -> Mapping[str, Any]:
    """A run that is under way."""
    install()
    return {"run_id": a_run(1).pk}


def played_often() -> Mapping[str, Any]:
    """A run whose scenarios were played several times, by several agents."""
    return {"run_id": judged_plays().pk}


def a_pilot_id() -> Mapping[str, Any]:
    """A run that tries out another."""
    install()
    return {"run_id": a_run(1, options={"pilot_for": 2}).pk}


def an_episode() -> Mapping[str, Any]:
    """An episode with one event."""
    episode = logged_episode()
    append(episode, start())
    return {"episode_id": episode.pk}


def a_step() -> Mapping[str, Any]:
    """That event."""
    return {**an_episode(), "seq": 0}


def a_seat() -> Mapping[str, Any]:
    """An episode whose user somebody plays by hand."""
    place = an_episode()
    episode = Episode.objects.get(pk=place["episode_id"])
    episode.cast["seats"] = {"user": "person", "agent": "scripted"}
    episode.save(update_fields=["cast"])
    return place


STEERING = frozenset({O, A, P})
ENTRIES = {
    "runs:index": Entry(EVERYBODY),
    "runs:compare": Entry(EVERYBODY),
    "runs:new": Entry(STEERING),
    "runs:run": Entry(EVERYBODY, arguments=a_run_id),
    "runs:panel": Entry(EVERYBODY, arguments=a_run_id),
    "runs:expected": Entry(STEERING),
    "runs:grid": Entry(EVERYBODY, arguments=a_run_id),
    "runs:episodes": Entry(EVERYBODY, arguments=a_run_id),
    "runs:solving": Entry(frozenset({O, A, P, V}), arguments=played_often, query={"agent": "0", "band": "often"}),
    "runs:whole": Entry(STEERING, "post", a_pilot_id),
    "runs:budget": Entry(STEERING, "post", a_run_id),
    "runs:requeue": Entry(STEERING, "post", a_run_id),
    "runs:pause": Entry(STEERING, "post", a_run_id),
    "runs:resume": Entry(STEERING, "post", a_run_id),
    "runs:cancel": Entry(STEERING, "post", a_run_id),
    "runs:episode": Entry(EVERYBODY, arguments=an_episode),
    "runs:fork": Entry(STEERING, "post", an_episode),
    "runs:hand": Entry(STEERING, "post", a_seat),
    "runs:trajectory": Entry(EVERYBODY, arguments=an_episode),
    "runs:step": Entry(EVERYBODY, arguments=a_step),
    "runs:tables": Entry(EVERYBODY, arguments=a_step),
    "runs:raw": Entry(EVERYBODY, arguments=a_step),
}
