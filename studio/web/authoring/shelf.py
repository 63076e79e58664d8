"""Domains that runs shall no longer use, and back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.access.doors import allow, found, person
from studio.pipelines.drafts import domain_reopen, domain_shelve
from synthesis.selectors import lists
from synthesis.services.drafts import DraftRefused


@allow("catalogue.publish")
@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """No new run uses the domain."""
    domain = found(lists.domain(slug))
    try:
        domain_shelve(actor=person(request), domain=domain)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The domain is archived: new runs leave it out, what was made of it stays."))
    return redirect("catalogue:releases", slug)


@allow("catalogue.publish")
@require_POST
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Runs may use it again."""
    domain = found(lists.domain(slug))
    try:
        domain_reopen(actor=person(request), domain=domain)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The domain is in use again."))
    return redirect("catalogue:releases", slug)
