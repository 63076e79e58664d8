"""What differs between a draft and a release, or between two releases; texts to download; a release as the draft again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from studio.access.doors import allow, found, person
from studio.pipelines.drafts import draft_restore
from studio.web.authoring.frame import edit_frame
from synthesis.engine.packs import compare
from synthesis.models import Domain
from synthesis.selectors import drafts, lists
from synthesis.services.drafts import DraftRefused

DRAFT = "draft"


@allow("catalogue.view")
@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/changes/``: the draft against the newest release; ``?from=1&to=2`` compares releases."""
    domain = found(lists.domain(slug))
    numbers = list(drafts.release_numbers(slug))
    context: dict[str, Any] = {**edit_frame(request, domain), "numbers": numbers}
    if not numbers:
        return render(request, "authoring/changes.html", context)
    old, new = request.GET.get("from") or str(numbers[0]), request.GET.get("to") or DRAFT
    before, after = _text(domain, old), _text(domain, new)
    context |= {"old": old, "new": new, "lines": compare.lines(before, after), "changes": compare.changes(before, after)}
    return render(request, "authoring/changes.html", context)


@allow("catalogue.view")
@require_safe
def download(request: HttpRequest, slug: str, which: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/edit/pack/<number or "draft">.yaml``: a text as a file."""
    domain = found(lists.domain(slug))
    name = f"{domain.slug}-{which}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(_text(domain, which), content_type="application/yaml; charset=utf-8", headers=headers)


@allow("catalogue.edit")
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make the text of a release the draft."""
    domain = found(lists.domain(slug))
    release = found(drafts.release_numbered(slug, number))
    try:
        draft_restore(actor=person(request), domain=domain, release=release)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The draft is the text of release %(number)d now.") % {"number": number})
    return redirect("authoring:pack", slug)


def _text(domain: Domain, which: str) -> str:
    """The draft or the text of a numbered release. Raises Http404."""
    if which == DRAFT:
        return domain.pack_text
    if not which.isdecimal() or len(which) > 9:
        raise Http404
    return found(drafts.release_numbered(domain.slug, int(which))).pack_text
