"""One round of judging again: how far it is, both sides, and what may be done with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from judging.models import Rejudging
from judging.selectors.rejudging import FLIPS, compared, rejudging_get
from judging.services.rejudging import RejudgingError
from studio.access.blindness import hidden_episodes
from studio.access.doors import allow, found, person
from studio.pipelines import rejudging
from studio.web.runs.fragments import is_fragment

STATES = {
    "queued": ("", gettext_lazy("waiting")),
    "working": ("accent", gettext_lazy("judging")),
    "stopped": ("warn", gettext_lazy("stands still")),
    "done": ("good", gettext_lazy("done")),
    "cancelled": ("warn", gettext_lazy("ended early")),
    "failed": ("bad", gettext_lazy("failed")),
}
WORDS = {"passed": gettext_lazy("passed"), "failed": gettext_lazy("failed"), "error": gettext_lazy("judge failed")}
MOVES: dict[str, Any] = {"adopt": rejudging.adopt, "back": rejudging.put_back, "cancel": rejudging.cancel, "resume": rejudging.resume}


@allow("judgements.rejudge")
@require_safe
def one(request: HttpRequest, rejudging_id: int) -> HttpResponse:
    """``/rejudging/<n>/``."""
    job = found(rejudging_get(rejudging_id))
    over = job.status in {"done", "cancelled"}
    sides = compared(job, without=hidden_episodes(person(request))) if over else None
    context = {
        **_progress(job),
        "sides": sides,
        "words": [WORDS[name] for name in FLIPS],
        "matrix": [(WORDS[row], [(sides.matrix.get((row, column), 0), row != column) for column in FLIPS]) for row in FLIPS]
        if sides
        else [],
        "crumbs": [
            (_("Runs"), reverse("runs:index")),
            (f"{_('Run')} {job.run_id}", reverse("runs:run", args=[job.run_id])),
            (_("Judge again"), reverse("rejudging:again", args=[job.run_id])),
        ],
    }
    return render(request, "rejudging/one.html", context)


@allow("judgements.rejudge")
@require_safe
def progress(request: HttpRequest, rejudging_id: int) -> HttpResponse:
    """How far it is; when it has ended, the page comes anew with both sides."""
    job = found(rejudging_get(rejudging_id))
    if not is_fragment(request):
        return redirect("rejudging:one", rejudging_id)
    context = _progress(job)
    if context["moving"]:
        return render(request, "rejudging/progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


@allow("judgements.rejudge")
@require_POST
def move(request: HttpRequest, rejudging_id: int, name: str) -> HttpResponse:
    """Adopt, put back, cancel, resume."""
    job = found(rejudging_get(rejudging_id))
    try:
        MOVES[name](actor=person(request), job=job)
    except RejudgingError as error:
        messages.error(request, str(error))
    return redirect("rejudging:one", rejudging_id)


def _progress(job: Rejudging) -> dict[str, Any]:
    return {"job": job, "run": job.run, "state": STATES[job.status], "moving": job.status in {"queued", "working"}}
