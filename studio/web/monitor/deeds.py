"""What the monitor suggests, done."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.access.doors import allow, found, person
from studio.pipelines.suggestions import pause_failing
from synthesis.selectors.runs import run_get
from synthesis.services.runs import RunError


@allow("runs.control")
@require_POST
def pause(request: HttpRequest, run_id: int) -> HttpResponse:
    """Pause a run that fails too often; it can be resumed on its page."""
    found(run_get(run_id))
    try:
        failing = pause_failing(actor=person(request), run_id=run_id)
    except RunError as error:
        messages.error(request, f"{error.problem[0].upper()}{error.problem[1:]}.")
    else:
        if failing is None:
            messages.info(request, _("That run no longer fails so often, so it was left alone."))
        else:
            messages.success(request, _("Run %(number)s is paused.") % {"number": run_id})
    return redirect("monitor:index")
