"""A frozen version with a file, without playing anything."""

from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from judging.models import Dataset, DatasetVersion, Export
from synthesis.models import Run
from tests.builders_runs import a_run

CONTENT = b'{"messages":[]}\n'


def an_export(run: Run | None = None, folder: Path | None = None, name: str = "run 1") -> Export:
    """A file of one row, of a new version of ``run``."""
    run = run or a_run(1)
    dataset, _ = Dataset.objects.get_or_create(slug=f"run-{run.pk}", defaults={"name": name, "rule": {}})
    number = dataset.versions.count() + 1
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=number,
        run=run,
        rule={},
        judge_version="0" * 64,
        counts={},
        kept=1,
        mean_quality=4.75,
        digest=f"{number:064d}",
    )
    path = (folder or Path(mkdtemp())) / f"openai-{number}.jsonl"
    path.write_bytes(CONTENT)
    digest = sha256(CONTENT).hexdigest()
    return Export.objects.create(version=version, format="openai", path=str(path), sha256=digest, rows=1, size=len(CONTENT))
