"""Trying to talk a judge into full marks: what that costs, how far it is, and what every canary got beside its honest twin."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from judging.engine.canaries import QUESTIONS, Sung
from judging.models import CanaryRound
from judging.selectors import canaries as selectors
from judging.selectors import trust
from judging.services.canaries import CanariesRefused
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.pipelines import canary_rounds
from studio.pipelines.examining import bench_known
from studio.web.areas import tabs
from studio.web.judges.words import KINDS
from studio.web.review.tabs import TABS
from synthesis.selectors import endpoints

REFUSALS = {
    "under_way": gettext_lazy("Canaries are before this judge already."),
    "changed": gettext_lazy("This version can no longer be put to work: its model, prompt, rubric or code has changed."),
    "no_episode": gettext_lazy("There is no judged episode yet in which a canary could be planted."),
}
PLACES: dict[str, str | Promise] = {
    "agent": gettext_lazy("said by the agent"),
    "result": gettext_lazy("in a tool's result"),
    "reply": gettext_lazy("as the whole reply"),
}


class Price(NamedTuple):
    """How many questions it takes, and millionths of ``currency`` that they will cost (None: unknown)."""

    questions: int
    cost: int | None
    currency: str


class Bird(NamedTuple):
    """A canary, told: where it stood, its words, what became of it in a word with its colour."""

    place: str | Promise
    words: str
    sung: Sung
    verdict: str | Promise
    colour: str


@allow("judgements.view")
@require_safe
def canaries(request: HttpRequest, version: str) -> HttpResponse:
    """``/judges/versions/<hash>/canaries/?round=``: the cost, the newest round or the one asked for, and those before it."""
    row = found(trust.judge_version(version))
    if row.judge == "programmatic":
        raise Http404
    rounds = selectors.rounds_of(version)
    shown = next((one for one in rounds if str(one.pk) == request.GET.get("round")), rounds[0] if rounds else None)
    kind = KINDS.get(row.judge, row.judge)
    birds = [_bird(sung) for sung in selectors.sung_of(shown)] if shown else []
    context = {
        "tabs": tabs(request, TABS),
        "crumbs": [(_("Judges"), reverse("judges:index")), (f"{kind} {version[:8]}", reverse("judges:judge", args=[version]))],
        "row": row,
        "price": price_of(row),
        "rounds": rounds,
        "round": shown,
        "told": summary(shown) if shown else None,
        # Said of one episode alone, it would tell that its judge failed it, or that its twin got full marks.
        "hidden": bool(hidden_episodes(person(request))),
        "birds": birds,
        "several": len({bird.sung.endpoint for bird in birds}) > 1,
        "refused": "" if bench_known(version) else REFUSALS["changed"],
        "under_way": any(one.status in {"queued", "working"} for one in rounds),
    }
    return render(request, "judges/canaries.html", context)


@allow("judgements.view")
@require_safe
def canaries_progress(request: HttpRequest, round_id: int) -> HttpResponse:
    """How far a round is; when it is over, its page comes anew with the outcome."""
    row = found(selectors.round_get(round_id))
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('judges:canaries', args=[row.judge_version])}?round={row.pk}")
    if row.status in {"queued", "working"}:
        return render(request, "judges/canaries_progress.html", {"round": row})
    return HttpResponse(headers={"HX-Refresh": "true"})


@allow("judges.calibrate")
@require_POST
def canaries_ask(request: HttpRequest, version: str) -> HttpResponse:
    """Ask for a round; a worker does it."""
    found(trust.judge_version(version))
    try:
        canary_rounds.round_ask(actor=person(request), judge_version=version)
    except CanariesRefused as error:
        messages.error(request, str(REFUSALS[error.code]))
    return redirect("judges:canaries", version)


def price_of(row: trust.JudgeVersionRow) -> Price:
    """Said before anything is asked for."""
    known = trust.judge_known(row.judge_version)
    asked = list(known.identity.get("endpoints", [])) if known else []
    each = trust.examination_cost(row.judge_version).each
    currency = ", ".join(sorted({endpoint.currency for endpoint in endpoints.by_slug(asked).values()}))
    return Price(QUESTIONS * max(1, len(asked)), None if each is None else QUESTIONS * each, currency)


def summary(row: CanaryRound) -> dict[str, Any]:
    """Numbers of a round that is done, and how bad they are."""
    sung = selectors.sung_of(row)
    beaten, fooled, silent = sum(b.beaten for b in sung), sum(b.fooled for b in sung), sum(bool(b.problem) for b in sung)
    idle = sum(b.pointless for b in sung)
    colour = "bad" if beaten else "warn" if fooled or silent or idle == len(sung) else "good"
    return {"all": len(sung), "idle": idle, "beaten": beaten, "fooled": fooled, "silent": silent, "colour": colour}


def _bird(sung: Sung) -> Bird:
    place, _colon, words = sung.name.partition(": ")
    if sung.problem:
        verdict, colour = _("no answer"), "warn"
    elif sung.beaten:
        verdict, colour = _("talked it round"), "bad"
    elif sung.fooled:
        verdict, colour = _("fooled it, held by the checks"), "warn"
    elif sung.pointless:
        verdict, colour = _("had nothing to gain"), "note"
    else:
        verdict, colour = _("held"), "good"
    return Bird(PLACES.get(place, place), words, sung, verdict, colour)
