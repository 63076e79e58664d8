"""Publishing a draft: what differs, what it means for the labels there are, and the new version."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from judging.engine import rubric_diff
from judging.engine.rubric_lint import read_draft
from judging.models import Meaning, RubricDraft
from judging.selectors.rubric_drafts import draft_of, newest_of
from judging.selectors.rubric_pages import labels_by_criterion
from judging.selectors.rubrics import rubric_of
from judging.services.rubric_drafts import RubricRefused
from studio.access.doors import allow, found, person
from studio.pipelines import rubric_drafts as pipeline
from studio.web.authoring.frame import version_of
from studio.web.rubrics.words import named
from studio.web.rubrics.write import edit_frame, reading

ASKED: tuple[tuple[str, str | Promise], ...] = (
    (Meaning.SAME, gettext_lazy("The same meaning: labels carry over.")),
    (Meaning.REWORDED, gettext_lazy("The same in other words: labels carry over, and a sample is asked once more.")),
    (Meaning.NEW, gettext_lazy("A new meaning: labels stay behind.")),
)


class Changed(NamedTuple):
    """One criterion that differs: how, its parts word by word, how many labels it has, and what was chosen for it."""

    slug: str
    how: str
    fields: list[tuple[str, Any]]
    labels: int
    chosen: str


@allow("rubrics.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/draft/publish/``: asks for every criterion what became of it; POST publishes."""
    row = found(draft_of(slug))
    chosen = {key.removeprefix("meaning-"): str(value) for key, value in request.POST.items() if key.startswith("meaning-")}
    if request.method == "POST":
        try:
            made = pipeline.publish(actor=person(request), draft=row, seen=version_of(request), meanings=chosen)
        except RubricRefused as refused:
            messages.error(request, str(refused))
            return _page(request, found(draft_of(slug)), chosen, status=422)
        messages.success(request, _("Version %(number)d is published.") % {"number": made.version.number})
        if made.confirm:
            asked = ngettext(
                "%(n)d episode waits to be confirmed by people.", "%(n)d episodes wait to be confirmed by people.", made.confirm
            )
            messages.info(request, asked % {"n": made.confirm})
        return redirect("rubrics:rubric", slug)
    return _page(request, row, chosen)


def _page(request: HttpRequest, row: RubricDraft, chosen: dict[str, str], status: int = 200) -> HttpResponse:
    context = {**edit_frame(request, row), **reading(row)}
    rubric, _findings = read_draft(row.text, row.slug)
    before = newest_of(row.slug)
    if rubric is not None and before is not None:
        diff = rubric_diff.compare(rubric_of(before), rubric)
        known = labels_by_criterion(before)
        context |= {
            "same": diff.same,
            "head": named(diff.head),
            "changed": [
                Changed(one.slug, one.how, named(one.fields), known.get(one.slug, 0), chosen.get(one.slug, ""))
                for one in diff.criteria
                if one.how != "same"
            ],
            "kept": [one.slug for one in diff.criteria if one.how == "same"],
            "asked": ASKED,
        }
    return render(request, "rubrics/publish.html", {**context, "readable": rubric is not None, "before": before}, status=status)
