"""Who gets in at the pages of the monitor."""

from collections.abc import Mapping
from typing import Any

from tests.builders_runs import a_run, install
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O, P, V


def a_run_id() -> Mapping[str, Any]:
    """A run that is under way."""
    install()
    return {"run_id": a_run(1).pk}


ENTRIES = {
    "monitor:index": Entry(frozenset({O, A, P, V})),
    "monitor:episodes": Entry(EVERYBODY),
    "monitor:pause": Entry(frozenset({O, A, P}), "post", a_run_id),
}
