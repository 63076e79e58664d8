"""Calibrating a judge, and opening its test part."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from judging.selectors import trust
from judging.services.calibrations import CalibrationRefused
from studio.access.doors import allow, found, person
from studio.pipelines import calibrating
from studio.web.judges.forms import CalibrateForm


@allow("judges.calibrate")
@require_POST
def calibrate(request: HttpRequest, version: str) -> HttpResponse:
    """Ask for a calibration; a worker does it."""
    found(trust.judge_version(version))
    form = CalibrateForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("judges:judge", version)
    try:
        calibrating.calibration_ask(actor=person(request), judge_version=version, damage=form.cleaned_data["damage"])
    except CalibrationRefused:
        messages.error(request, _("This judge is being calibrated already."))
    else:
        messages.success(request, _("The judge is being calibrated. Its numbers are here when that is done."))
    return redirect("judges:judge", version)


@allow("judges.calibrate")
@require_POST
def look(request: HttpRequest, version: str) -> HttpResponse:
    """Open the test part; that is noted and counted."""
    calibrating.look(actor=person(request), calibration=found(trust.newest_done(version)))
    return redirect(f"{reverse('judges:judge', args=[version])}?part=test")
