"""Files from dataset versions: written beside their place, synced, renamed; a manifest tells what is in them."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec
from django.db import transaction

from judging.engine.formats.canonical import exact_digest
from judging.engine.formats.manifest import FileSaid, Ledger, checked
from judging.engine.formats.record import Record
from judging.engine.formats.registry import FORMATS, Format
from judging.engine.formats.validity import Arguments, flaw_of
from judging.models import DatasetVersion, Export
from judging.selectors.manifest import manifest_of
from judging.selectors.records import records

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

    def said(self) -> FileSaid:
        """What the manifest tells of it."""
        return FileSaid(self.form.file, self.rows, self.size, self.digest.hexdigest())

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
        ledger = Ledger()
        files = _written(version, [FORMATS[name] for name in dict.fromkeys(formats)], directory, ledger)
        manifest = manifest_of(version=version, files={file.form.name: file.said() for file in files}, ledger=ledger)
        _write_whole(directory / MANIFEST, msgspec.json.format(checked(msgspec.json.encode(manifest))))
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


def _written(version: DatasetVersion, formats: Sequence[Format], directory: Path, ledger: Ledger) -> list[_File]:
    files: list[_File] = []
    arguments = Arguments()
    try:
        files += [_File(form, directory) for form in formats]
        for record, digest in records(version):
            _examine(record, digest, arguments)
            ledger.add(record.models)
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
