"""The exact messages that would be sent: of which episode or domain they are shown, and the page that shows them for a seat."""

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found
from studio.pipelines import previewing, previewing_authors, trials
from studio.pipelines.evolving import PROMPTS
from studio.pipelines.previewing import Preview
from studio.web.models.words import prompt_words
from synthesis.models import Episode
from synthesis.selectors import catalog, episodes
from synthesis.services.desk import DeskTrouble

RECENT = 20
MOST_NUMBER = 2**31 - 1
AUTHOR = "author"
FIRST = "author_outline"
"""The step that the page of authors begins with."""


class Example(NamedTuple):
    """What messages are made of: an episode, or for an author a domain of the catalogue; neither where there is none yet."""

    episode: Episode | None = None
    domain: str = ""


class Shown(NamedTuple):
    """Messages, or why there are none: ``trouble`` in words, "" where only an example is missing."""

    preview: Preview | None
    trouble: str = ""


def can_show(name: str) -> bool:
    """Whether there is a preview of what is sent with prompt ``name``."""
    return name in previewing.SEATS or name in PROMPTS


def example(request: HttpRequest, name: str) -> Example:
    """The episode or domain that is asked for. Raises Http404 where there is no such thing."""
    asked = request.POST if request.method == "POST" else request.GET
    if name in PROMPTS:
        slug = asked.get("domain", "")[:80].replace("\x00", "")
        slugs = list(catalog.active_releases())
        if slug and slug not in slugs:
            raise Http404
        return Example(domain=slug or next(iter(slugs), ""))
    number = asked.get("episode", "")
    return Example(episode=found(episodes.episode_get(number_of(number))) if number else None)


def choices(name: str, chosen: Example) -> dict[str, Any]:
    """What a form needs to offer other examples."""
    if name in PROMPTS:
        return {"domains": list(catalog.active_releases()), "domain": chosen.domain, "of_drafts": name == "author_repair"}
    return {"recent": episodes.recent_with_scenario(RECENT), "episode": chosen.episode}


def shown(name: str, chosen: Example, text: str | None = None) -> Shown:
    """What would be sent, with ``text`` in place of the prompt in use."""
    if name in PROMPTS:
        return Shown(previewing_authors.author_preview(name, chosen.domain, text))
    if chosen.episode is None:
        return Shown(None)
    try:
        return Shown(previewing.preview(name, chosen.episode, text))
    except DeskTrouble as trouble:
        return Shown(None, trials.trouble_of(trouble))


@allow("models.view")
@require_safe
def preview(request: HttpRequest, seat: str) -> HttpResponse:
    """``/models/preview/<seat>/``: what a model in the seat would be sent next, word for word; ``?episode=<id>``, or for an author
    ``?step=<prompt>&domain=<slug>``."""
    if seat not in {"user", "agent", "judge", "tool", AUTHOR}:
        raise Http404
    step = request.GET.get("step", FIRST)
    name = seat if seat != AUTHOR else step if step in PROMPTS and step != AUTHOR else FIRST
    chosen = example(request, name)
    if seat != AUTHOR and chosen.episode is None and (recent := episodes.recent_with_scenario(1)):
        chosen = Example(episodes.episode_get(recent[0].pk))
    context: dict[str, Any] = {
        **choices(name, chosen),
        "seat": seat,
        "step": name,
        "steps": [(one, prompt_words(one)[0]) for one in PROMPTS if one != AUTHOR] if seat == AUTHOR else [],
        "seats": [("agent", _("Agent")), ("user", _("User")), ("tool", _("Tools")), ("judge", _("Judge")), (AUTHOR, _("Author"))],
        "shown": shown(name, chosen),
        "crumbs": [(_("Models"), reverse("models:index")), (_("Prompts"), reverse("models:prompts"))],
    }
    return render(request, "models/preview.html", context)


def number_of(text: str | None) -> int:
    """The number that is asked for; 0 for what is none."""
    return min(int(text), MOST_NUMBER) if text and text.isascii() and text.isdigit() and len(text) < 20 else 0
