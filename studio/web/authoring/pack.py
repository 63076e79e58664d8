"""The editor of a draft's text."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow, found, person
from studio.pipelines.drafts import draft_findings, draft_write
from studio.web.authoring.frame import edit_frame, version_of
from synthesis.engine.audit.report import AuditReport
from synthesis.engine.packs import compare
from synthesis.engine.packs.outline import outline
from synthesis.models import Domain
from synthesis.selectors import lists
from synthesis.selectors.drafts import audit_of_text
from synthesis.services.drafts import DraftConflict, DraftRefused, text_digest


@allow("catalogue.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/``: the text; POST saves it, also by itself while somebody writes (then the answer is a fragment).

    ``?line=12`` opens it at that line.
    """
    domain = found(lists.domain(slug))
    if request.method == "POST":
        return _save(request, domain)
    return _page(request, domain, domain.pack_text)


def _save(request: HttpRequest, domain: Domain) -> HttpResponse:
    by_itself = request.headers.get("HX-Request") == "true"
    text = request.POST.get("text", "")
    try:
        draft_write(actor=person(request), domain=domain, text=text, version=version_of(request))
    except DraftConflict as conflict:
        return conflict_page(request, conflict.domain, text, fragment=by_itself)
    except DraftRefused as refused:
        if by_itself:
            return render(request, "authoring/refused.html", {"problem": str(refused)}, status=422)
        messages.error(request, str(refused))
        return _page(request, domain, text, status=422)
    if by_itself:
        return render(request, "authoring/reading.html", reading(found(lists.domain(domain.slug))))
    messages.success(request, _("The draft is saved."))
    return redirect("authoring:pack", domain.slug)


def conflict_page(request: HttpRequest, domain: Domain, mine: str, *, fragment: bool = False) -> HttpResponse:
    """409: somebody else saved in between. Both texts, and what differs; nothing is lost."""
    mine = mine.replace("\r\n", "\n")
    if fragment:
        return render(request, "authoring/conflict_notice.html", {"domain": domain}, status=409)
    context = {"mine": mine, "lines": compare.lines(domain.pack_text, mine)}
    return render(request, "authoring/conflict.html", {**edit_frame(request, domain), **context}, status=409)


def reading(domain: Domain) -> dict[str, Any]:
    """What reading the draft tells: ``findings``, those of the ``audit`` of this very text if there is one, and the ``outline``."""
    findings = draft_findings(domain)
    audit = None if findings else audit_of_text(domain.pk, text_digest(domain.pack_text))
    if audit and audit.report:
        findings = msgspec.convert(audit.report, AuditReport).findings
    errors = sum(finding.severity == "error" for finding in findings)
    return {"domain": domain, "findings": findings, "errors": errors, "audit": audit, "outline": outline(domain.pack_text)}


def _page(request: HttpRequest, domain: Domain, text: str, status: int = 200) -> HttpResponse:
    context = {**edit_frame(request, domain), **reading(domain), "text": text}
    return render(request, "authoring/pack.html", context, status=status)
