"""Who gets in at the pages of datasets."""

from collections.abc import Mapping
from typing import Any

from tests.builders_runs import install
from tests.studio.web.access_matrix.entry import A, Entry, O, P, V
from tests.studio.web.datasets.builders import an_export


def a_file() -> Mapping[str, Any]:
    """A file that exists."""
    install()
    return {"export_id": an_export().pk}


ENTRIES = {
    "datasets:index": Entry(frozenset({O, A, P, V})),
    "datasets:download": Entry(frozenset({O, P}), arguments=a_file),
}
