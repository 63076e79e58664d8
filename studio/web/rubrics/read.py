"""Reading rubrics: the list, one rubric, one version, two versions compared word by word."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.engine import rubric_diff
from judging.engine.rubric_text import write_rubric
from judging.models import Rubric, RubricVersion
from judging.selectors import rubric_pages as selectors
from judging.selectors.confirmations import progress_of
from judging.selectors.rubric_choices import choices_of
from judging.selectors.rubric_drafts import unpublished
from judging.selectors.rubrics import rubric_of
from studio.access.doors import allow, found, person
from studio.access.permissions import can
from studio.web.areas import tabs
from studio.web.review.tabs import TABS
from studio.web.rubrics.words import named, shown


@allow("rubrics.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/rubrics/``"""
    return render(request, "rubrics/index.html", {"tabs": tabs(request, TABS), "rows": selectors.rubrics(), "unpublished": unpublished()})


@allow("rubrics.view")
@require_safe
def rubric(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/``: the newest version, where versions are used, and what waits to be dealt with."""
    row = found(selectors.rubric_get(slug))
    newest = found(next(iter(selectors.versions_of(row)), None))
    context = {**frame(request, row), **body_of(request, newest), "uses": selectors.uses(row), "choices": choices_of(row)}
    context["confirmations"] = progress_of(version=newest)
    return render(request, "rubrics/rubric.html", context)


@allow("rubrics.view")
@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """``/rubrics/<slug>/versions/<number>/``"""
    row = found(selectors.version_numbered(slug, number))
    return render(request, "rubrics/version.html", {**frame(request, row.rubric, inner=True), **body_of(request, row)})


@allow("rubrics.view")
@require_safe
def download(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version as YAML."""
    row = found(selectors.version_numbered(slug, number))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{number}.yaml"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(write_rubric(rubric_of(row)), content_type="application/yaml; charset=utf-8", headers=headers)


@allow("rubrics.view")
@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/compare/?from=1&to=2``; without them the newest two."""
    row = found(selectors.rubric_get(slug))
    versions = selectors.versions_of(row)
    new = _chosen(request, "to", versions, 0)
    old = _chosen(request, "from", versions, 1)
    context: dict[str, Any] = {**frame(request, row, inner=True), "versions": versions, "old": old, "new": new}
    if old and new:
        context |= diff_of(rubric_diff.compare(rubric_of(old), rubric_of(new)))
    return render(request, "rubrics/compare.html", context)


def frame(request: HttpRequest, row: Rubric, *, inner: bool = False) -> dict[str, Any]:
    """What stands around the pages of one rubric; ``inner``: a page below its first."""
    crumbs = [(_("Rubrics"), reverse("rubrics:index"))]
    if inner:
        crumbs.append((row.name, reverse("rubrics:rubric", args=[row.slug])))
    return {"tabs": tabs(request, TABS), "crumbs": crumbs, "rubric": row}


def body_of(request: HttpRequest, row: RubricVersion) -> dict[str, Any]:
    """A version with its criteria; open notes are counted for whoever settles disputes."""
    notes = selectors.open_notes(row.rubric) if can(person(request), "review.adjudicate") else {}
    body = rubric_of(row)
    return {"version": row, "body": body, "shown": shown(body.criteria, selectors.criterion_keys(row), notes)}


def diff_of(diff: rubric_diff.RubricDiff) -> dict[str, Any]:
    """What ``rubrics/diff.html`` shows."""
    criteria = [(one.slug, one.how, named(one.fields)) for one in diff.criteria if one.how != "same"]
    kept = [one.slug for one in diff.criteria if one.how == "same"]
    return {"head": named(diff.head), "criteria": criteria, "kept": kept, "same": diff.same}


def _chosen(request: HttpRequest, name: str, versions: list[RubricVersion], default: int) -> RubricVersion | None:
    wanted = request.GET.get(name, "")
    fallback = versions[default] if len(versions) > default else None
    return next((row for row in versions if str(row.number) == wanted), fallback)
