"""Playing a seat of an episode by hand: what to say, or a call built with a form from the tool's schema."""

from secrets import token_hex
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow, found, person
from studio.pipelines.taking_over import Hand, hand_of, take_turn
from studio.web.console.fields import Field, fields_of, read_form
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.tools import ToolCall
from synthesis.models import Episode
from synthesis.selectors import episodes
from synthesis.services.hand import NotYourTurn

MOST_TEXT = 20_000


@allow("runs.start")
@require_http_methods(["GET", "POST"])
def hand(request: HttpRequest, episode_id: int) -> HttpResponse:
    """``/runs/episodes/<id>/hand/``: the composer of the seat whose turn it is. ``?tool=<name>`` builds a call; POST makes the move. To
    scripts a fragment, which asks again while others play.
    """
    episode = found(episodes.episode_get(episode_id))
    now = hand_of(episode)
    found(now.seats or None)
    context = composer(request, episode, now)
    if request.method == "POST":
        move = _move(request, now, context)
        if move is not None:
            try:
                take_turn(actor=person(request), episode=episode, seq=_number(request.POST.get("seq")), move=move)
                return _moved(request, episode)
            except NotYourTurn as refused:
                context["error"] = str(refused)
    return _shown(request, context, 422 if request.method == "POST" else 200)


def composer(request: HttpRequest, episode: Episode, now: Hand) -> dict[str, Any]:
    """What ``episodes/hand.html`` needs; what was typed is kept."""
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"episode": episode, "hand": now, "text": given.get("text", "")[:MOST_TEXT], "error": ""}
    if now.turn:
        schemas = episodes.tool_schemas(episode.scenario, ["tools" if now.turn == "agent" else "user_tools"])
        tool = given.get("tool", "")
        fields: list[Field] = fields_of(schemas[tool]) if tool in schemas else []
        context |= {"tools": list(schemas), "tool": tool if tool in schemas else "", "fields": fields}
    return context


def _move(request: HttpRequest, now: Hand, context: dict[str, Any]) -> UserMove | AgentMove | None:
    """The move that was typed; None with an ``error`` in the context when it is none."""
    text, own = context["text"].strip(), now.turn != "agent"
    if not context.get("tool"):
        if not text:
            context["error"] = _("Write what the user says.") if own else _("Write what the agent says, or choose a tool.")
            return None
        return UserMove(text, done=request.POST.get("done") == "on") if own else AgentMove(text)
    arguments = read_form(context["fields"], request.POST)
    if arguments is None:
        context["error"] = _("An argument is no JSON. See below.")
        return None
    if own and text:
        context["error"] = _("Nothing is said with a call of the user's: use the tool first, then tell what came of it.")
        return None
    calls = [ToolCall(f"call_{token_hex(8)}", context["tool"], arguments)]
    return UserMove("", calls=calls) if own else AgentMove(text, calls)


def _moved(request: HttpRequest, episode: Episode) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect("runs:episode", episode.pk)
    fresh = found(episodes.episode_get(episode.pk))
    return render(request, "episodes/hand.html", {"episode": fresh, "hand": hand_of(fresh)})


def _shown(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return render(request, "episodes/hand.html", context, status=status)
    episode = context["episode"]
    crumbs = [(f"{_('Episode')} {episode.index}", reverse("runs:episode", args=[episode.pk]))]
    return render(request, "episodes/hand_page.html", context | {"crumbs": crumbs}, status=status)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
