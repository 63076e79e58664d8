"""Who gets in at the pages of scenarios."""

from collections.abc import Mapping
from typing import Any

from synthesis.models import Scenario
from tests.builders_runs import a_run, install, queued
from tests.studio.web.access_matrix.catalogue import a_domain
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O, P


def a_scenario() -> Mapping[str, Any]:
    """A scenario that a run made."""
    install()
    queued(a_run(1))
    return {"digest": Scenario.objects.values_list("pk", flat=True)[0]}


ENTRIES = {
    "scenarios:index": Entry(EVERYBODY),
    "scenarios:domain": Entry(EVERYBODY, arguments=a_domain),
    "scenarios:scenario": Entry(EVERYBODY, arguments=a_scenario),
    "scenarios:draw": Entry(frozenset({O, A, P}), arguments=a_domain),
}
