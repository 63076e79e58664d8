"""Who gets in at the pages of rubrics: everybody reads them; authors write them."""

from collections.abc import Mapping
from typing import Any

from judging.services import rubric_install, starter_rubric
from tests.studio.web.access_matrix.entry import EVERYBODY, Entry


def a_rubric() -> Mapping[str, Any]:
    """The starter rubric."""
    rubric_install(rubric=starter_rubric())
    return {"slug": "starter"}


def a_version() -> Mapping[str, Any]:
    """Its first version."""
    return {**a_rubric(), "number": 1}


ENTRIES = {
    "rubrics:index": Entry(EVERYBODY),
    "rubrics:rubric": Entry(EVERYBODY, arguments=a_rubric),
    "rubrics:compare": Entry(EVERYBODY, arguments=a_rubric),
    "rubrics:version": Entry(EVERYBODY, arguments=a_version),
    "rubrics:download": Entry(EVERYBODY, arguments=a_version),
}
