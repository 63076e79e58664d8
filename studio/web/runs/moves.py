"""Steering a run: pause, resume, cancel, try again; from a pilot to the whole run."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.access.doors import allow, found, person
from studio.pipelines.launching import Move
from studio.pipelines.space import NoRoom
from studio.pipelines.spending import budget_raise
from studio.pipelines.steer import run_move, run_whole
from synthesis.selectors import runs
from synthesis.services.runs import RunError


@allow("runs.control")
@require_POST
def move(request: HttpRequest, run_id: int, name: Move) -> HttpResponse:
    """Pause, resume, cancel or requeue."""
    found(runs.run_get(run_id))
    try:
        run_move(actor=person(request), run_id=run_id, move=name)
    except RunError as error:
        messages.error(request, f"{error.problem[0].upper()}{error.problem[1:]}.")
    return redirect("runs:run", run_id)


@allow("runs.control")
@require_POST
def budget(request: HttpRequest, run_id: int) -> HttpResponse:
    """Set what a run may spend in all."""
    found(runs.run_get(run_id))
    try:
        budget_raise(actor=person(request), run_id=run_id, budget=Decimal(request.POST.get("budget", "").strip()))
    except (InvalidOperation, RunError):
        messages.error(request, _("A budget is an amount of money greater than 0."))
    else:
        messages.success(request, _("The budget is set. It is never less than what is spent already."))
    return redirect("runs:run", run_id)


@allow("runs.start")
@require_POST
def whole(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start the run that this pilot tried out."""
    pilot = found(runs.run_get(run_id))
    found(pilot.options.get("pilot_for"))
    try:
        started = run_whole(actor=person(request), pilot=pilot)
    except (RunError, NoRoom) as error:
        messages.error(request, str(error))
        return redirect("runs:run", run_id)
    messages.success(request, _("The whole run has started, with the settings of its pilot."))
    return redirect("runs:run", started.pk)
