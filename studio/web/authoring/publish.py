"""Auditing a draft and publishing what passed."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines import audits
from studio.pipelines.drafts import draft_findings
from studio.web.authoring.frame import edit_frame
from synthesis.engine.audit.audit import STAGES
from synthesis.engine.audit.report import AuditReport
from synthesis.engine.packs import compare
from synthesis.models import Domain, PackAudit
from synthesis.selectors import drafts, lists
from synthesis.services.drafts import DraftRefused, text_digest

STAGE_NAMES = {
    "programs": gettext_lazy("Programs compile"),
    "worlds": gettext_lazy("Worlds are seeded"),
    "intents": gettext_lazy("Intents bind and their gold calls succeed"),
    "tools": gettext_lazy("Tools are called with arguments of all kinds"),
    "variations": gettext_lazy("Scenarios of every variation are made"),
}


@allow("catalogue.edit")
@require_safe
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/publish/``: what the audit of the draft found, and the way to a release."""
    domain = found(lists.domain(slug))
    return render(request, "authoring/publish.html", {**edit_frame(request, domain), **_state(domain)})


@allow("catalogue.edit")
@require_safe
def audit_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of that page that moves; everybody but htmx gets the page."""
    domain = found(lists.domain(slug))
    if request.headers.get("HX-Request") != "true":
        return redirect("authoring:publish", slug)
    return render(request, "authoring/audit.html", _state(domain))


@allow("catalogue.edit")
@require_POST
def audit_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an audit of the draft as it stands."""
    domain = found(lists.domain(slug))
    try:
        audits.audit_ask(actor=person(request), domain=domain)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    return redirect("authoring:publish", slug)


@allow("catalogue.publish")
@require_POST
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish the text that the named audit passed."""
    domain = found(lists.domain(slug))
    number = request.POST.get("audit", "")
    audit = drafts.pack_audit(int(number)) if number.isdecimal() and len(number) < 19 else None
    if audit is None or audit.domain_id != domain.pk:
        messages.error(request, _("That audit is no longer kept. Audit the draft again."))
        return redirect("authoring:publish", slug)
    try:
        made = audits.publish(actor=person(request), audit_id=audit.pk)
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect("authoring:publish", slug)
    messages.success(request, _("Release %(number)d is published. Runs that start from now on use it.") % {"number": made.number})
    return redirect("catalogue:releases", slug)


def _state(domain: Domain) -> dict[str, Any]:
    """Everything the panel shows."""
    findings = draft_findings(domain)
    audit = drafts.audit_of_text(domain.pk, text_digest(domain.pack_text))
    report = msgspec.convert(audit.report, AuditReport) if audit and audit.report else None
    newest = drafts.newest_text(domain.slug)
    return {
        "domain": domain,
        "unreadable": findings,
        "audit": audit,
        "report": report,
        "findings": sorted(report.findings, key=lambda finding: (finding.severity, finding.line)) if report else [],
        "stages": _stages(audit) if audit and audit.open else [],
        "waiting": int((timezone.now() - audit.created).total_seconds()) if audit and audit.open else 0,
        "newest": newest,
        "same": newest is not None and newest.pack_text == domain.pack_text,
        "changes": compare.changes(newest.pack_text, domain.pack_text) if newest else None,
        "earlier": None if audit else drafts.newest_audit(domain.pk),
    }


def _stages(audit: PackAudit) -> list[dict[str, Any]]:
    """The stages of an audit with how far each is: done, under way, or still to come."""
    now = STAGES.index(audit.stage) if audit.stage in STAGES else -1
    return [
        {
            "label": STAGE_NAMES[name],
            "state": "done" if position < now else "now" if position == now else "later",
            "done": audit.stage_done,
            "total": audit.stage_total,
        }
        for position, name in enumerate(STAGES)
    ]
