"""The datasets, and their files."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from judging.models import Export
from judging.selectors import export_get
from judging.selectors.datasets import datasets, jobs_open
from studio.access.doors import allow, found, person
from studio.pipelines.exports import downloaded
from studio.pipelines.files import manifest_of, name_of, place_of
from studio.pipelines.sending import sent
from studio.web.paging import page_of, read_cursor

SIZE = 30


@allow("datasets.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/datasets/``: every dataset with its newest version and the files of that, newest first."""
    cursor = read_cursor(request, int)
    before = int(cursor[0]) if cursor else None
    page = page_of(datasets(limit=SIZE + 1, before=before), SIZE, lambda shelf: (shelf.dataset.pk,), first=before is None)
    return render(request, "datasets/index.html", {"page": page, "jobs": jobs_open()})


@allow("datasets.export")
@require_safe
def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """``/datasets/files/<id>/``: one file as it was written, whole or from where a download stopped; a page when it is no longer there."""
    export = found(export_get(export_id))
    place = place_of(export)
    if place is None:
        return _gone(request, export)
    answer = sent(request, place, name=name_of(export), kind="application/x-ndjson", sha256=export.sha256)
    if answer.status_code == 200:
        # Pieces belong to a download that is noted already.
        downloaded(actor=person(request), export=export)
    return answer


@allow("datasets.export")
@require_safe
def manifest(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """``/datasets/files/<id>/manifest/``: what was written beside the file: rule, counts, seeds, releases, checksums, digests of rows."""
    export = found(export_get(export_id))
    place = manifest_of(export)
    if place is None:
        return _gone(request, export)
    name = name_of(export).rsplit(".", 1)[0] + "-manifest.json"
    return sent(request, place, name=name, kind="application/json", sha256=f"{export.sha256}-manifest")


def _gone(request: HttpRequest, export: Export) -> HttpResponse:
    return render(request, "datasets/gone.html", {"export": export}, status=404)
