"""Writing a rubric: its draft as text and as a form, two views of one document."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from judging.engine.rubric_lint import read_draft
from judging.engine.rubric_text import write_rubric
from judging.models import RubricDraft
from judging.selectors.rubric_drafts import draft_of, newest_of
from judging.services.rubric_drafts import RubricConflict, RubricRefused
from studio.access.doors import allow, found, person
from studio.pipelines import rubric_drafts as pipeline
from studio.web.areas import Tab, tabs
from studio.web.authoring.frame import version_of
from studio.web.review.tabs import TABS
from studio.web.rubrics.forms import CriterionForms, HeadForm, NewForm, form_of, rubric_from_forms
from synthesis.engine.packs import compare as texts

EDIT_TABS = (
    Tab("rubrics:draft", gettext_lazy("Text"), "rubrics.edit"),
    Tab("rubrics:form", gettext_lazy("Form"), "rubrics.edit"),
    Tab("rubrics:try", gettext_lazy("Try it"), "rubrics.edit"),
    Tab("rubrics:publish", gettext_lazy("Publish"), "rubrics.edit"),
)


@allow("rubrics.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/rubrics/new/``: another rubric, as a draft."""
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = pipeline.rubric_begin(actor=person(request), **form.cleaned_data)
        except RubricRefused as refused:
            form.add_error("slug", str(refused))
        else:
            return redirect("rubrics:draft", made.slug)
    context = {"tabs": tabs(request, TABS), "crumbs": [(_("Rubrics"), reverse("rubrics:index"))], "form": form}
    return render(request, "rubrics/new.html", context, status=422 if form.errors else 200)


@allow("rubrics.edit")
@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the draft of a rubric, or go on with the one there is."""
    try:
        pipeline.draft_open(actor=person(request), slug=slug)
    except RubricRefused as refused:
        raise Http404 from refused
    return redirect("rubrics:draft", slug)


@allow("rubrics.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/draft/``: the text; POST saves it, also by itself while somebody writes (then the answer is a fragment)."""
    row = found(draft_of(slug))
    if request.method == "POST":
        return _save(request, row)
    return _page(request, row, row.text)


def _save(request: HttpRequest, row: RubricDraft) -> HttpResponse:
    by_itself = request.headers.get("HX-Request") == "true"
    text = request.POST.get("text", "")
    try:
        pipeline.draft_write(actor=person(request), draft=row, text=text, version=version_of(request))
    except RubricConflict as conflict:
        return conflict_page(request, conflict.draft, text, fragment=by_itself)
    except RubricRefused as refused:
        if by_itself:
            return render(request, "authoring/refused.html", {"problem": str(refused)}, status=422)
        messages.error(request, str(refused))
        return _page(request, row, text, status=422)
    if by_itself:
        return render(request, "rubrics/reading.html", reading(found(draft_of(slug=row.slug))))
    messages.success(request, _("The draft is saved."))
    return redirect("rubrics:draft", row.slug)


def conflict_page(request: HttpRequest, row: RubricDraft, mine: str, *, fragment: bool = False) -> HttpResponse:
    """409: somebody else saved in between. Both texts, and what differs; nothing is lost."""
    if fragment:
        return render(request, "authoring/conflict_notice.html", {}, status=409)
    mine = mine.replace("\r\n", "\n")
    context = {"mine": mine, "lines": texts.lines(row.text, mine)}
    return render(request, "rubrics/conflict.html", {**edit_frame(request, row), **context}, status=409)


def _page(request: HttpRequest, row: RubricDraft, text: str, status: int = 200) -> HttpResponse:
    return render(request, "rubrics/draft.html", {**edit_frame(request, row), **reading(row), "text": text}, status=status)


@allow("rubrics.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """``/rubrics/<slug>/draft/form/``: the same document as fields. A text that cannot be read has no form."""
    row = found(draft_of(slug))
    if request.method == "POST":
        return _save_form(request, row)
    rubric, _findings = read_draft(row.text, row.slug)
    context = {**edit_frame(request, row), **reading(row)}
    if rubric is not None:
        head, criteria = form_of(rubric)
        context |= {"head": head, "criteria": criteria}
    return render(request, "rubrics/form.html", context)


def _save_form(request: HttpRequest, row: RubricDraft) -> HttpResponse:
    head, criteria = HeadForm(request.POST), CriterionForms(request.POST, prefix="c")
    context: dict[str, Any] = {"head": head, "criteria": criteria}
    if head.is_valid() and criteria.is_valid():
        rubric = rubric_from_forms(row.slug, head, criteria)
        try:
            pipeline.draft_write_rubric(actor=person(request), draft=row, rubric=rubric, version=version_of(request))
        except RubricConflict as conflict:
            return conflict_page(request, conflict.draft, write_rubric(rubric))
        except RubricRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("rubrics:form", row.slug)
    if head.errors or any(criteria.errors):
        messages.error(request, _("Not saved: some fields want mending. They are marked."))
    return render(request, "rubrics/form.html", {**edit_frame(request, row), **reading(row), **context}, status=422)


def edit_frame(request: HttpRequest, row: RubricDraft) -> dict[str, Any]:
    """What stands around the pages of a draft. Its template extends ``rubrics/edit_frame.html``."""
    newest = newest_of(row.slug)
    crumbs = [(_("Rubrics"), reverse("rubrics:index"))]
    if newest is not None:
        crumbs.append((newest.rubric.name, reverse("rubrics:rubric", args=[row.slug])))
    return {"tabs": tabs(request, TABS), "crumbs": crumbs, "draft": row, "newest": newest, "edit_tabs": tabs(request, EDIT_TABS, row.slug)}


def reading(row: RubricDraft) -> dict[str, Any]:
    """What reading the draft tells: ``findings`` with lines, and how many ``errors``."""
    _rubric, findings = read_draft(row.text, row.slug)
    return {"draft": row, "findings": findings, "errors": sum(finding.severity == "error" for finding in findings)}
