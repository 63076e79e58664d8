"""A frozen version with a file, without playing anything."""

from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from judging.models import Dataset, DatasetSource, DatasetVersion, Export
from synthesis.models import Run
from tests.builders_runs import a_run

CONTENT = b'{"messages":[]}\n'


def a_version(run: Run | None = None, name: str = "run 1", slug: str = "") -> DatasetVersion:
    """A new version of the dataset of ``run``, with one row that nobody can look at."""
    run = run or a_run(1)
    dataset, _ = Dataset.objects.get_or_create(slug=slug or f"run-{run.pk}", defaults={"name": name, "rule": {}})
    dataset.runs.add(run)
    number = dataset.versions.count() + 1
    version = DatasetVersion.objects.create(
        dataset=dataset, number=number, rule={}, counts={}, kept=1, mean_quality=4.75, digest=f"{number:064d}"
    )
    DatasetSource.objects.create(version=version, run=run, judge_version="0" * 64)
    return version


def an_export(run: Run | None = None, folder: Path | None = None, name: str = "run 1", slug: str = "") -> Export:
    """A file of one row, of a new version of ``run``."""
    version = a_version(run, name, slug)
    path = (folder or Path(mkdtemp())) / f"openai-{version.pk}.jsonl"
    path.write_bytes(CONTENT)
    digest = sha256(CONTENT).hexdigest()
    return Export.objects.create(version=version, format="openai", path=str(path), sha256=digest, rows=1, size=len(CONTENT))
