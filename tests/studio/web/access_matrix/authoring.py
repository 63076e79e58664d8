"""Who gets in at the pages on which domains are written."""

from collections.abc import Mapping
from typing import Any

from tests.builders_runs import install
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O


def a_domain() -> Mapping[str, Any]:
    """A domain that is published."""
    install()
    return {"slug": "vet_clinic"}


def its_draft() -> Mapping[str, Any]:
    """Its draft as a file."""
    return {**a_domain(), "which": "draft"}


def its_tool() -> Mapping[str, Any]:
    """A tool of its draft."""
    return {**a_domain(), "name": "find_owner"}


def its_release() -> Mapping[str, Any]:
    """Its release."""
    return {**a_domain(), "number": 1}


WRITERS = frozenset({O, A})
ENTRIES = {
    "authoring:new": Entry(WRITERS),
    "authoring:pack": Entry(WRITERS, arguments=a_domain),
    "authoring:tools": Entry(WRITERS, arguments=a_domain),
    "authoring:tool_new": Entry(WRITERS, arguments=a_domain),
    "authoring:tool": Entry(WRITERS, arguments=its_tool),
    "authoring:tool_copy": Entry(WRITERS, "post", its_tool),
    "authoring:tool_remove": Entry(WRITERS, "post", its_tool),
    "authoring:changes": Entry(EVERYBODY, arguments=a_domain),
    "authoring:download": Entry(EVERYBODY, arguments=its_draft),
    "authoring:restore": Entry(WRITERS, "post", its_release),
    "authoring:publish": Entry(WRITERS, arguments=a_domain),
    "authoring:audit": Entry(WRITERS, "post", a_domain),
    "authoring:audit_panel": Entry(WRITERS, arguments=a_domain),
    "authoring:release": Entry(WRITERS, "post", a_domain),
    "authoring:archive": Entry(WRITERS, "post", a_domain),
    "authoring:reopen": Entry(WRITERS, "post", a_domain),
}
