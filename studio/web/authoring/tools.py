"""The tools of a draft: their list, and the page of one with its two views of one document."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines.draft_tools import NameTaken, draft_tool, draft_tools, findings_of_tool, tool_copy, tool_remove, tool_save
from studio.web.authoring.frame import edit_frame, version_of
from studio.web.authoring.pack import reading
from studio.web.authoring.tool_fields import Posted, kinds, posted, problems_of
from synthesis.engine.packs import tool_form
from synthesis.engine.packs.tool_from_form import Wrong
from synthesis.models import Domain
from synthesis.selectors import lists
from synthesis.services.drafts import DraftConflict, DraftRefused


@allow("catalogue.edit")
@require_safe
def tools(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/tools/``: the tools of the draft."""
    domain = found(lists.domain(slug))
    context: dict[str, Any] = {"problem": "", "tools": []}
    try:
        context["tools"] = draft_tools(domain)
    except DraftRefused as refused:
        context["problem"] = str(refused)
    return render(request, "authoring/tools.html", {**edit_frame(request, domain), **context})


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def tool(request: HttpRequest, slug: str, name: str = "") -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/tools/<name>/``: a form, or the same as a document; POST saves it, or changes the view.

    Without a name: a new tool.
    """
    domain = found(lists.domain(slug))
    try:
        saved = draft_tool(domain, name) if name else tool_form.LEAST
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect("authoring:tools", slug)
    if request.method == "POST":
        return _posted(request, domain, name)
    return _page(request, domain, name, Posted.of(found(saved), "document" if request.GET.get("view") == "document" else "form"))


def _posted(request: HttpRequest, domain: Domain, name: str) -> HttpResponse:
    state = posted(request.POST)
    try:
        made = state.tool()
    except Wrong as wrong:
        return _page(request, domain, name, state, problems=problems_of(wrong.problems), status=422)
    if state.to:
        return _page(request, domain, name, state.switched(made))
    try:
        tool_save(actor=person(request), domain=domain, version=version_of(request), name=name, tool=made)
    except DraftConflict as conflict:
        words = _("Somebody else has saved this draft in the meantime. Nothing you typed is lost: save again to write this tool into it.")
        return _page(request, conflict.domain, name, state, notice=words, status=409)
    except NameTaken as refused:
        field = "name" if state.view == "form" else "document"
        return _page(request, domain, name, state, problems={field: str(refused)}, status=422)
    except DraftRefused as refused:
        return _page(request, domain, name, state, notice=str(refused), status=422)
    messages.success(request, _("The tool is saved in the draft."))
    return redirect("authoring:tool", domain.slug, made["name"])


@allow("catalogue.edit")
@require_POST
def copy(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Put a copy below the tool, and open it."""
    domain = found(lists.domain(slug))
    try:
        copied = tool_copy(actor=person(request), domain=domain, version=version_of(request), name=name)
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect("authoring:tools", slug)
    return redirect("authoring:tool", slug, copied)


@allow("catalogue.edit")
@require_POST
def remove(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Take a tool out of the draft."""
    domain = found(lists.domain(slug))
    try:
        tool_remove(actor=person(request), domain=domain, version=version_of(request), name=name)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The tool %(name)s is removed from the draft.") % {"name": name})
    return redirect("authoring:tools", slug)


def _page(
    request: HttpRequest,
    domain: Domain,
    name: str,
    state: Posted,
    *,
    problems: dict[str, str] | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **edit_frame(request, domain),
        "name": name,
        "state": state,
        "rows": [(i, row, kinds(row.kind)) for i, row in enumerate(state.fields.parameters)] if state.fields else [],
        "errors": list(enumerate(state.fields.errors)) if state.fields else [],
        "problems": problems or {},
        "notice": notice,
        "findings": findings_of_tool(domain, name, reading(domain)["findings"]) if name else [],
    }
    return render(request, "authoring/tool.html", context, status=status)
