"""What leaves a finished run: its dataset version, the files, and the summary that tells what became of every episode."""

from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from judging import selectors as judged
from judging.engine.formats.registry import FORMATS
from judging.models import Export
from judging.selectors.overview import RUN_SLUG
from judging.services import dataset_build, export_write
from judging.services.exports import MANIFEST
from synthesis.models import Run
from synthesis.selectors import runs

ALWAYS = "trajectories"
"""The format with full provenance is written beside whatever else is asked for."""


class Summary(msgspec.Struct):
    """What a run came to.

    ``funnel`` as ``judging.selectors.funnel`` gives it; ``domains`` and ``variations`` count kept rows; ``files`` maps format to path.
    """

    run: int
    episodes: int
    kept: int
    mean_quality: float | None
    episodes_per_second: float
    funnel: dict[str, Any]
    domains: dict[str, int]
    variations: dict[str, int]
    files: dict[str, str]


def out_folder(run: Run) -> Path:
    """Where the files of a run go."""
    given = run.options.get("out")
    return Path(given) if given else Path(settings.STUDIO_DATA) / "exports" / f"run-{run.pk}"


def wanted_formats(run: Run) -> list[str]:
    """Formats to write, the one with full provenance among them."""
    return list(dict.fromkeys([*run.options.get("formats", ["openai"]), ALWAYS]))


def write_files(run: Run) -> dict[str, str]:
    """Freeze the run's dataset and write it; format to path. Twice gives the same bytes. Raises ExportError."""
    version = dataset_build(run=run)
    exports = export_write(version=version, formats=wanted_formats(run), directory=out_folder(run))
    return {export.format: export.path for export in exports}


def summary(run: Run, files: dict[str, str], seconds: float, before: int = 0) -> Summary:
    """What to tell about a finished run that was worked on for ``seconds``, ``before`` of its episodes having been judged earlier."""
    version = dataset_build(run=run)
    mix = judged.kept_mix(version=version)
    worked = runs.run_counts(run.pk)["judged"] - before
    return Summary(
        run=run.pk,
        episodes=run.episodes,
        kept=version.kept,
        mean_quality=None if version.mean_quality is None else round(version.mean_quality, 4),
        episodes_per_second=round(worked / max(seconds, 0.001), 2),
        funnel=judged.funnel(run=run, version=version),
        domains=mix["domains"],
        variations=mix["variations"],
        files=files,
    )


def place_of(export: Export) -> Path | None:
    """Where the file of an export lies; None when it is no longer there, or is not the one that was written (another size)."""
    place = Path(export.path)
    try:
        return place if place.stat().st_size == export.size else None
    except OSError:
        return None


def manifest_of(export: Export) -> Path | None:
    """The manifest beside a file; None when it is no longer there."""
    place = Path(export.path).parent / MANIFEST
    return place if place.is_file() else None


def name_of(export: Export) -> str:
    """What a downloaded file is called. ``export`` with its version and dataset."""
    dataset, form = export.version.dataset, FORMATS.get(export.format)
    number = "" if dataset.slug.startswith(RUN_SLUG) else f"-v{export.version.number}"
    return f"{dataset.slug}{number}-{form.file if form else export.format}"
