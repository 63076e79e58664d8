"""Prompts: the list, the editor with versions, differences, and the exact messages that would be sent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.access.doors import allow, found, person, require
from studio.pipelines import prompting
from studio.web.areas import tabs
from studio.web.models import previews
from studio.web.models.frame import TABS
from studio.web.models.words import HOLES, prompt_words
from synthesis.engine.packs import compare
from synthesis.engine.participants.prompts import Prompt, holes_of
from synthesis.selectors import prompts
from synthesis.selectors.prompts import NoPrompt
from synthesis.services.prompts import LARGEST, PromptRefused, prompt_text

REFUSALS = {
    "empty": gettext_lazy("A prompt has a text."),
    "too_large": gettext_lazy("A prompt has at most 64 KB."),
    "same": gettext_lazy("That is the text in use already."),
    "conflict": gettext_lazy("Somebody else has published a version in the meantime. Yours is still in the editor; look at theirs first."),
}
VERSIONS = 100


@allow("models.view")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/models/prompts/``: every prompt, and whether the studio's own text is in use or somebody's."""
    newest = prompts.newest()
    lines = [(name, *prompt_words(name), newest.get(name)) for name in prompts.names()]
    return render(request, "models/prompts.html", {"tabs": tabs(request, TABS), "lines": lines})


@allow("models.view")
@require_http_methods(["GET", "HEAD", "POST"])
def prompt(request: HttpRequest, name: str) -> HttpResponse:
    """``/models/prompts/<name>/``: the text in use in an editor, its versions. Posted, it is published, or with ``preview`` only shown."""
    shipped = _default(name)
    text, status, shown = prompts.current(name).text, 200, None
    example = previews.example(request, name)
    if request.method == "POST":
        require(request, "models.edit")
        text = request.POST.get("text", "")[: 2 * LARGEST]
        try:
            if "preview" in request.POST:
                text = prompt_text(text)
                shown = previews.shown(name, example, text)
            else:
                seen, note = previews.number_of(request.POST.get("after")), request.POST.get("note", "")
                made = prompting.publish(actor=person(request), name=name, text=text, after=seen, note=note)
                messages.success(request, _("Version %(number)d is in use from the next call on.") % {"number": made.number})
                return redirect("models:prompt", name)
        except PromptRefused as refused:
            messages.error(request, str(REFUSALS[refused.code]))
            status = 422
    versions = prompts.versions(name, limit=VERSIONS)
    context: dict[str, Any] = _named(name) | {
        "text": text,
        "note": request.POST.get("note", "")[:300],
        "versions": versions,
        "after": versions[0].number if versions else 0,
        "own": bool(versions) and not versions[0].default,
        "digest": prompts.current(name).digest,
        "holes": _holes(shipped, text),
        **previews.choices(name, example),
        "shown": shown,
        "asked": "preview" in request.POST,
        "crumbs": _crumbs(),
    }
    return render(request, "models/prompt.html", context, status=status)


@allow("models.view")
@require_safe
def difference(request: HttpRequest, name: str) -> HttpResponse:
    """``/models/prompts/<name>/changes/?old=1&new=2``: two versions line by line; 0 is the studio's own text, nothing the one in use."""
    _default(name)
    chosen = {side: request.GET.get(side, "") for side in ("old", "new")}
    old, new = (_side(name, text) for text in chosen.values())
    context = _named(name) | {
        "old": old,
        "new": new,
        "lines": compare.lines(old[1], new[1]),
        "sides": [("old", _("Before"), chosen["old"]), ("new", _("After"), chosen["new"])],
        "versions": [(str(row.number), row.number) for row in prompts.versions(name, limit=VERSIONS)],
        "crumbs": [*_crumbs(), (str(prompt_words(name)[0]), reverse("models:prompt", args=[name]))],
    }
    return render(request, "models/prompt_diff.html", context)


@allow("models.edit")
@require_POST
def default(request: HttpRequest, name: str) -> HttpResponse:
    """Back to the studio's own text."""
    _default(name)
    try:
        prompting.to_default(
            actor=person(request), name=name, after=previews.number_of(request.POST.get("after")), note=request.POST.get("note", "")
        )
    except PromptRefused as refused:
        messages.error(request, str(REFUSALS[refused.code]))
    else:
        messages.success(request, _("The studio's own text is in use from the next call on."))
    return redirect("models:prompt", name)


def _named(name: str) -> dict[str, Any]:
    title, words = prompt_words(name)
    return {"name": name, "title": title, "words": words, "can_preview": previews.can_show(name)}


def _default(name: str) -> Prompt:
    try:
        return prompts.default(name)
    except NoPrompt:
        raise Http404 from None


def _holes(shipped: Prompt, text: str) -> list[tuple[str, str | Promise, str]]:
    """Every hole of the studio's own text and of this one, what fills it, and what is odd about it: missing, unknown, or nothing."""
    known, used = holes_of(shipped.text), holes_of(text)
    return [
        (name, HOLES.get(name, ""), "unknown" if name not in known else "" if name in used else "missing")
        for name in dict.fromkeys([*known, *used])
    ]


def _side(name: str, text: str) -> tuple[str, str]:
    """A version's name and text."""
    if text == "0":
        return _("the studio's own"), prompts.default(name).text
    if not text:
        return _("in use"), prompts.current(name).text
    row = found(prompts.version(name, previews.number_of(text)))
    return _("version %(number)d") % {"number": row.number}, row.text


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Models"), reverse("models:index")), (_("Prompts"), reverse("models:prompts"))]
