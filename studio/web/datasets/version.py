"""One version of a dataset: what became of every episode, its mix, its files, its first rows."""

from itertools import islice

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from judging.engine.formats.openai import row as openai_row
from judging.models import DatasetVersion
from judging.selectors import lists
from judging.selectors.datasets import jobs_open, mixes, newest_files, rows_of, version_get, versions_beside
from judging.selectors.records import records
from judging.selectors.trust import badges
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.pipelines.exports import version_export
from studio.pipelines.files import place_of
from studio.web.datasets.forms import FormatsForm
from studio.web.datasets.labels import GATES, gates_of, mixes_of
from studio.web.judges.words import told_badge
from studio.web.paging import page_of, read_cursor

PREVIEW = 2
SIZE = 100


@allow("datasets.view")
@require_safe
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """``/datasets/versions/<id>/``."""
    looked_at = found(version_get(version_id))
    files, sources = newest_files(list(looked_at.exports.all())), list(looked_at.sources.all())
    context = {
        "version": looked_at,
        "dataset": looked_at.dataset,
        "sources": sources,
        "judges": [(version, told_badge(badge)) for version, badge in badges([source.judge_version for source in sources]).items()],
        "gates": gates_of(looked_at.counts.get("gates", {})),
        "offered": looked_at.counts.get("offered", looked_at.kept),
        "mixes": mixes_of(mixes(looked_at)),
        "files": [(file, place_of(file) is not None) for file in files],
        "jobs": jobs_open(dataset_id=looked_at.dataset_id),
        "formats": FormatsForm(initial={"formats": ["openai"]}),
        "beside": versions_beside(looked_at),
        "preview": [(record, openai_row(record)["messages"]) for record, _digest in islice(records(looked_at, PREVIEW), PREVIEW)],
        "crumbs": [(_("Datasets"), reverse("datasets:index"))],
    }
    return render(request, "datasets/version.html", context)


@allow("datasets.view")
@require_safe
def rows(request: HttpRequest, version_id: int) -> HttpResponse:
    """``/datasets/versions/<id>/rows/``: the episodes behind a number: ``?gate=``, ``?reason=``, ``?domain=``, ``?variation=``."""
    looked_at = found(version_get(version_id))
    wanted = {name: request.GET.get(name, "").replace("\x00", "") for name in ("gate", "reason", "domain", "variation")}
    cursor = read_cursor(request, int)
    hidden = hidden_episodes(person(request))
    listed = rows_of(looked_at, **wanted, after=int(cursor[0]) if cursor else -1, limit=SIZE + 1, without=hidden)
    context = wanted | {
        "version": looked_at,
        "label": GATES[wanted["gate"]][0] if wanted["gate"] in GATES else wanted["gate"],
        "page": page_of(listed, SIZE, lambda row: (row.position,), first=cursor is None),
        "crumbs": _way(looked_at),
    }
    return render(request, "datasets/rows.html", context)


@allow("datasets.export")
@require_POST
def export(request: HttpRequest, version_id: int) -> HttpResponse:
    """Ask for files of a version that is frozen already."""
    looked_at = found(version_get(version_id))
    form = FormatsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose at least one format."))
        return redirect("datasets:version", version_id)
    job = version_export(actor=person(request), version=looked_at, formats=form.cleaned_data["formats"])
    return redirect("datasets:job", job.pk)


@allow("datasets.view")
@require_safe
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """``/datasets/jobs/<id>/``: how far asked-for files are. It asks for itself until they are there, then leads to them."""
    asked = found(lists.export_job(job_id))
    done = asked.status == "done" and asked.version_id is not None
    if request.headers.get("HX-Request") == "true":
        if done:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("datasets:version", args=[asked.version_id])})
        return render(request, "datasets/job_panel.html", {"job": asked})
    if done:
        return redirect("datasets:version", asked.version_id)
    return render(request, "datasets/job.html", {"job": asked, "crumbs": [(_("Datasets"), reverse("datasets:index"))]})


def _way(looked_at: DatasetVersion) -> list[tuple[str, str]]:
    name = f"{looked_at.dataset.name} · {_('version')} {looked_at.number}"
    return [(_("Datasets"), reverse("datasets:index")), (name, reverse("datasets:version", args=[looked_at.pk]))]
