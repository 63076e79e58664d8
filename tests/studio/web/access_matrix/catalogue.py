"""Who gets in at the pages of the catalogue."""

from collections.abc import Mapping
from typing import Any

from tests.builders_fidelity import a_report
from tests.builders_runs import install, starter_pack
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O, P


def a_domain() -> Mapping[str, Any]:
    """A domain that is published."""
    install()
    return {"slug": "vet_clinic"}


def a_tool() -> Mapping[str, Any]:
    """A tool of it."""
    return {**a_domain(), "name": next(iter(starter_pack("vet_clinic").tools))}


def a_measurement() -> Mapping[str, Any]:
    """A report on a simulator, with figures and examples."""
    a_domain()
    return {"slug": "vet_clinic", "report_id": a_report().pk}


TABS = ("domain", "world", "policy", "intents", "relations", "releases", "fidelity")
ENTRIES = {
    "catalogue:index": Entry(EVERYBODY),
    "catalogue:tools": Entry(EVERYBODY),
    **{f"catalogue:{tab}": Entry(EVERYBODY, arguments=a_domain) for tab in TABS},
    "catalogue:fidelity_start": Entry(frozenset({O, A, P}), method="post", arguments=a_domain, data={"endpoint": "m", "calls": "5"}),
    "catalogue:fidelity_report": Entry(EVERYBODY, arguments=a_measurement),
    "catalogue:tool": Entry(EVERYBODY, arguments=a_tool),
}
