"""Dataset versions and their files."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from judging.selectors import export_get, versions
from studio.access.doors import allow, found
from studio.pipelines.files import opened
from studio.web.paging import page_of, read_cursor

SIZE = 50


@allow("datasets.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/datasets/``: every frozen version with its files, newest first."""
    cursor = read_cursor(request, int)
    before = int(cursor[0]) if cursor else None
    rows = versions(limit=SIZE + 1, before=before)
    page = page_of(rows, SIZE, lambda row: (row.pk,), first=before is None)
    return render(request, "datasets/index.html", {"page": page})


@allow("datasets.export")
@require_safe
def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """``/datasets/files/<id>/``: one file, as it was written; a page that says so when it is no longer there."""
    export = found(export_get(export_id))
    file = opened(export)
    if file is None:
        return render(request, "datasets/gone.html", {"export": export}, status=404)
    name = f"run-{export.version.run_id}-{export.format}.jsonl"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/x-ndjson")
