"""Who gets in at the pages of the catalogue."""

from collections.abc import Mapping
from typing import Any

from tests.builders_runs import install, starter_pack
from tests.studio.web.access_matrix.entry import EVERYBODY, Entry


def a_domain() -> Mapping[str, Any]:
    """A domain that is published."""
    install()
    return {"slug": "vet_clinic"}


def a_tool() -> Mapping[str, Any]:
    """A tool of it."""
    return {**a_domain(), "name": next(iter(starter_pack("vet_clinic").tools))}


TABS = ("domain", "world", "policy", "intents", "relations", "releases")
ENTRIES = {
    "catalogue:index": Entry(EVERYBODY),
    "catalogue:tools": Entry(EVERYBODY),
    **{f"catalogue:{tab}": Entry(EVERYBODY, arguments=a_domain) for tab in TABS},
    "catalogue:tool": Entry(EVERYBODY, arguments=a_tool),
}
