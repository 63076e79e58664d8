"""Who gets in where episodes are judged again."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from judging.models import Rejudging
from judging.services.rubrics import rubric_install, starter_rubric
from tests.builders_logs import an_episode, close, judge
from tests.studio.web.access_matrix.entry import A, Entry, O, P


def a_run_id() -> Mapping[str, Any]:
    """A run with a judged episode."""
    episode = an_episode()
    close(episode)
    judge(episode)
    return {"run_id": episode.run_id}


def a_rejudging(status: str = "done", **fields: Any) -> Mapping[str, Any]:
    """One round over it."""
    version, now = rubric_install(rubric=starter_rubric()), timezone.now()
    spec = {"kind": "programmatic", "endpoints": [], "rubric": version.digest}
    asked = {"run_id": a_run_id()["run_id"], "spec": spec, "rubric_version": version, "episodes": 1, "created": now, "asked": now}
    return {"rejudging_id": Rejudging.objects.create(status=status, **asked, **fields).pk}


def one_that_stands_still() -> Mapping[str, Any]:
    """One that waits for a person."""
    return a_rejudging("stopped", problem="no key")


MAY = frozenset({O, A, P})
ENTRIES = {
    "rejudging:again": Entry(MAY, arguments=a_run_id),
    "rejudging:one": Entry(MAY, arguments=a_rejudging),
    "rejudging:progress": Entry(MAY, arguments=a_rejudging),
    "rejudging:adopt": Entry(MAY, "post", a_rejudging),
    "rejudging:back": Entry(MAY, "post", a_rejudging),
    "rejudging:cancel": Entry(MAY, "post", one_that_stands_still),
    "rejudging:resume": Entry(MAY, "post", one_that_stands_still),
}
