"""Who gets in at the pages of repairs."""

from collections.abc import Mapping
from typing import Any

from tests.studio.web.access_matrix.entry import A, Entry, O, P, V
from tests.studio.web.access_matrix.runs import a_run_id
from tests.studio.web.access_matrix.runs import an_episode as an_episode_id

STEERING = frozenset({O, A, P})


def an_episode() -> Mapping[str, Any]:
    """An episode in which nothing was said yet."""
    return an_episode_id()


ENTRIES = {
    "repairs:index": Entry(frozenset({O, A, P, V})),
    "repairs:fix": Entry(STEERING, arguments=an_episode),
    "repairs:repair": Entry(STEERING, "post", a_run_id),
    "repairs:find": Entry(frozenset({O, P}), "post", a_run_id),
}
