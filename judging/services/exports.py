"""Files from dataset versions: written beside their place, synced, renamed; a manifest tells what is in them."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
from django.db import transaction

from judging.engine.formats.canonical import exact_digest
from judging.engine.formats.record import Record
from judging.engine.formats.registry import FORMATS, Format
from judging.engine.formats.validity import Arguments, flaw_of
from judging.models import DatasetSource, DatasetVersion, Export
from judging.selectors.records import records
from judging.selectors.trust import badges

MANIFEST = "manifest.json"


class ExportError(Exception):
    """An export that could not be written, in one clear sentence. No file of it is left behind."""


class _File:
    """One file on its way: a temporary name, a running digest, a count."""

    def __init__(self, form: Format, directory: Path) -> None:
        self.form, self.place = form, directory / form.file
        self.temporary = directory / f".{form.file}.part"
        self.digest = hashlib.sha256()
        self.rows = self.size = 0
        self.handle: IO[bytes] = self.temporary.open("wb")

    def add(self, record: Record) -> None:
        for line in self.form.lines(record):
            self.handle.write(line)
            self.digest.update(line)
            self.rows += 1
            self.size += len(line)

    def seal(self) -> None:
        """Everything is on the disk, still under the temporary name."""
        self.handle.flush()
        os.fsync(self.handle.fileno())
        self.handle.close()

    def publish(self) -> None:
        self.temporary.replace(self.place)

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self.handle.close()
        self.temporary.unlink(missing_ok=True)


def export_write(*, version: DatasetVersion, formats: Sequence[str], directory: Path) -> list[Export]:
    """Write ``version`` in each of ``formats`` into ``directory`` in one pass, with a manifest beside the files.

    Rows are in order of index and depend on nothing but seeds, so the same version gives the same bytes. Raises ExportError: an unknown
    format, a place that cannot be written, a log that changed after it was judged.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ExportError(f"There is no export format {unknown[0]!r}; formats are {', '.join(FORMATS)}.")
    with _told(directory):
        directory.mkdir(parents=True, exist_ok=True)
        files = _written(version, [FORMATS[name] for name in dict.fromkeys(formats)], directory)
        _write_whole(directory / MANIFEST, msgspec.json.format(msgspec.json.encode(_manifest(version, files))))
        _sync(directory)
    with transaction.atomic():
        return [
            Export.objects.update_or_create(
                version=version,
                format=file.form.name,
                path=str(file.place),
                defaults={"sha256": file.digest.hexdigest(), "rows": file.rows, "size": file.size},
            )[0]
            for file in files
        ]


@contextlib.contextmanager
def _told(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(f"Could not write to {directory}: {error.strerror or error}.") from error


def _written(version: DatasetVersion, formats: Sequence[Format], directory: Path) -> list[_File]:
    files: list[_File] = []
    arguments = Arguments()
    try:
        files += [_File(form, directory) for form in formats]
        for record, digest in records(version):
            _examine(record, digest, arguments)
            for file in files:
                file.add(record)
        for file in files:
            file.seal()
    except BaseException:
        for file in files:
            with contextlib.suppress(OSError):
                file.drop()
        raise
    for file in files:
        file.publish()
    return files


def _examine(record: Record, digest: str, arguments: Arguments) -> None:
    flaw = flaw_of(record.messages, record.tools, arguments)
    if flaw is None and exact_digest(record.messages) != digest:
        flaw = "its log is not the one that was judged"
    if flaw:
        raise ExportError(f"Episode {record.index} cannot be exported: {flaw}.")


def _manifest(version: DatasetVersion, files: Sequence[_File]) -> dict[str, Any]:
    rows = version.rows.filter(gate="").order_by("position").values_list("position", "judgement__exact_digest")
    first = version.rows.select_related("judgement__rubric_version__rubric").order_by("position").first()
    rubric = first.judgement.rubric_version if first else None
    sources = list(version.sources.select_related("run"))
    return {
        "rule": version.rule,
        "counts": version.counts,
        "mean_quality": version.mean_quality,
        **_origin(sources),
        "judge": {
            "kind": first.judgement.judge if first else None,
            "version": _one_or_all([source.judge_version for source in sources]),
            "rubric": rubric.rubric.slug if rubric else None,
            "rubric_version": rubric.digest if rubric else None,
            "trust": _trust([source.judge_version for source in sources]),
        },
        "files": {f.form.name: {"file": f.form.file, "rows": f.rows, "bytes": f.size, "sha256": f.digest.hexdigest()} for f in files},
        "rows": [{"index": index, "digest": digest} for index, digest in rows.iterator(chunk_size=2000)],
    }


def _trust(versions: Sequence[str]) -> dict[str, Any]:
    """How far each judge could be trusted when the files were written: its badge, so that whoever gets the data knows it too."""
    return {version: msgspec.to_builtins(badge) for version, badge in sorted(badges(versions).items())}


def _origin(sources: Sequence[DatasetSource]) -> dict[str, Any]:
    """Seeds and releases of the runs it was drawn from; of several, in order, each with the index its episodes begin at."""
    if len(sources) == 1:
        return {"seeds": {"run": sources[0].run.seed}, "releases": sources[0].run.releases}
    return {"runs": [{"seed": source.run.seed, "first_index": source.first, "releases": source.run.releases} for source in sources]}


def _one_or_all(names: Sequence[str]) -> str | list[str]:
    different = list(dict.fromkeys(names))
    return different[0] if len(different) == 1 else different


def _write_whole(place: Path, content: bytes) -> None:
    temporary = place.with_name(f".{place.name}.part")
    try:
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _sync(directory: Path) -> None:
    """Make the renames themselves durable, where a directory can be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
