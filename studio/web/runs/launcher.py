"""The launcher: starting a run."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow
from studio.pipelines.launching import launch
from studio.pipelines.space import NoRoom
from studio.web.runs.forms import LaunchForm
from studio.web.runs.states import PLACES
from synthesis.services.runs import RunError


@allow("runs.start")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/runs/new/``: choose what to make; POST starts it. ``?domains=a`` and the other fields may be filled in by a link."""
    filled = {name: request.GET.getlist(name) for name in ("domains", "variations", "languages") if name in request.GET}
    form = LaunchForm(request.POST or None, initial=filled)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            run = launch(
                episodes=wanted["episodes"],
                seed=wanted["seed"],
                domains=wanted["domains"],
                variations=wanted["variations"],
                languages=wanted["languages"],
                slip_rate=wanted["slips"],
                threshold=wanted["threshold"],
                pace=wanted["pace"],
            )
            return redirect("runs:run", run.pk)
        except RunError as error:
            form.add_error(PLACES.get(error.place), f"{error.problem}. {error.remedy}")
        except NoRoom as error:
            form.add_error(None, str(error))
    wrong = request.method == "POST"
    crumbs = [(_("Runs"), reverse("runs:index"))]
    return render(request, "runs/new.html", {"form": form, "crumbs": crumbs}, status=422 if wrong else 200)
