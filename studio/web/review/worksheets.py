"""Questions that people dispute: which, the disputed items side by side, notes for whoever words them anew."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from judging.engine.worksheet import to_markdown
from judging.selectors import worksheets as selectors
from studio.access.doors import allow, found, person
from studio.pipelines import adjudicating
from studio.web.areas import tabs
from studio.web.review.tabs import TABS


@allow("review.adjudicate")
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """``/review/questions/``: every question that was answered, those first that want another wording."""
    context = {"tabs": tabs(request, TABS), "standings": selectors.standings(), "low": round(100 * selectors.LOW)}
    return render(request, "review/questions.html", context)


@allow("review.adjudicate")
@never_cache
@require_safe
def worksheet(request: HttpRequest, criterion_id: int) -> HttpResponse:
    """``/review/questions/<id>/``: the worksheet of one question."""
    criterion = found(selectors.criterion_get(criterion_id))
    context = {
        "criterion": criterion,
        "sheet": selectors.worksheet(criterion, viewer_id=person(request).pk),
        "notes": selectors.notes_of(criterion, viewer_id=person(request).pk),
        "crumbs": [(_("Review"), reverse("review:index")), (_("Questions"), reverse("review:questions"))],
    }
    return render(request, "review/worksheet.html", context)


@allow("review.adjudicate")
@never_cache
@require_safe
def worksheet_file(request: HttpRequest, criterion_id: int) -> HttpResponse:
    """The worksheet as a Markdown file."""
    criterion = found(selectors.criterion_get(criterion_id))
    text = to_markdown(selectors.worksheet(criterion, viewer_id=person(request).pk))
    name = f"worksheet-{criterion.version.rubric.slug}-{criterion.version.number}-{criterion.slug}.md"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)


@allow("review.adjudicate")
@require_POST
def note_add(request: HttpRequest, criterion_id: int) -> HttpResponse:
    """Note another wording."""
    criterion = found(selectors.criterion_get(criterion_id))
    text = request.POST.get("text", "").replace("\x00", "").strip()
    if text:
        adjudicating.note_add(actor=person(request), criterion=criterion, text=text)
        messages.success(request, _("Noted for whoever words the question anew."))
    else:
        messages.error(request, _("Write something first."))
    return redirect("review:worksheet", criterion_id)


@allow("review.adjudicate")
@require_POST
def note_close(request: HttpRequest, note_id: int) -> HttpResponse:
    """Say that a note was dealt with."""
    note = found(selectors.note_get(note_id))
    adjudicating.note_close(actor=person(request), note=note)
    return redirect("review:worksheet", note.criterion_id)
