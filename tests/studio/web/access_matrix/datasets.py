"""Who gets in at the pages of datasets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone

from judging.models import ExportJob
from tests.builders_runs import install
from tests.studio.web.access_matrix.entry import A, Entry, O, P, V
from tests.studio.web.datasets.builders import a_version, an_export


def a_file() -> Mapping[str, Any]:
    """A file that exists, and its manifest."""
    install()
    export = an_export()
    (Path(export.path).parent / "manifest.json").write_text("{}")
    return {"export_id": export.pk}


def a_frozen_version() -> Mapping[str, Any]:
    """A version without files."""
    install()
    return {"version_id": a_version().pk}


def a_job() -> Mapping[str, Any]:
    """Files that nobody has written yet."""
    install()
    version = a_version()
    now = timezone.now()
    job = ExportJob.objects.create(dataset=version.dataset, version=version, formats=["openai"], asked_by="x", created=now, asked=now)
    return {"job_id": job.pk}


LOOKING = frozenset({O, A, P, V})
TAKING = frozenset({O, P})
ENTRIES = {
    "datasets:index": Entry(LOOKING),
    "datasets:new": Entry(LOOKING),
    "datasets:version": Entry(LOOKING, arguments=a_frozen_version),
    "datasets:rows": Entry(LOOKING, arguments=a_frozen_version),
    "datasets:job": Entry(LOOKING, arguments=a_job),
    "datasets:export": Entry(TAKING, "post", a_frozen_version, {"formats": ["openai"]}),
    "datasets:download": Entry(TAKING, arguments=a_file),
    "datasets:manifest": Entry(TAKING, arguments=a_file),
}
