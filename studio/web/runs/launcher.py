"""The launcher: starting a run, or first a pilot of three."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from studio.access.doors import allow, person
from studio.pipelines.launching import pilot_of
from studio.pipelines.rate import Expected, expected_of
from studio.pipelines.space import NoRoom
from studio.pipelines.steer import run_launch
from studio.web.runs.forms import LaunchForm
from studio.web.runs.fragments import is_fragment
from studio.web.runs.states import PLACES
from synthesis.engine.participants.cast import MODEL
from synthesis.selectors import endpoints, runs
from synthesis.services.runs import RunError
from synthesis.services.seats import PURPOSES

FIELD_OF = {"slips": "slip_rate"}
"""Fields of the form that the pipeline calls otherwise."""
FIELDS = tuple(LaunchForm.base_fields)
QUERY_OF = {FIELD_OF.get(name, name): name for name in FIELDS}
"""For each argument of the pipeline, its name in a link to the launcher."""
CAST = frozenset({*(f"{seat}_seat" for seat in PURPOSES), "rivals", "judges"})
"""Fields that say who plays and judges."""
LISTS = ("domains", "variations", "languages", "personas", "agents", "rivals", "judges")


@allow("runs.start")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/runs/new/``: choose what to make; POST starts it, or with ``pilot`` three episodes of it.

    A link may fill in every field: ``?domains=a,b&variations=plain&episodes=50&seed=7``. One that says nothing of seats and judges begins
    with the default cast of the page Models.
    """
    filled = _filled(request)
    preset = {} if CAST & filled.keys() else _preset(slips=filled.get("slips", ""))
    form = LaunchForm(request.POST or None, initial=preset | filled)
    if request.method == "POST" and form.is_valid():
        wanted = {FIELD_OF.get(name, name): value for name, value in form.cleaned_data.items()}
        try:
            run = run_launch(actor=person(request), pilot="pilot" in request.POST, **wanted)
            return redirect("runs:run", run.pk)
        except RunError as error:
            form.add_error(PLACES.get(error.place), f"{error.problem}. {error.remedy}")
        except NoRoom as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "preset": bool(preset) and request.method != "POST",
        "people_open": any(form[name].value() for name in ("personas", "agents")),
        **_outlook(form),
        "crumbs": [(_("Runs"), reverse("runs:index"))],
    }
    return render(request, "runs/new.html", context, status=422 if request.method == "POST" else 200)


@allow("runs.start")
@require_safe
def expected(request: HttpRequest) -> HttpResponse:
    """How long what the form says may take; the launcher for everybody but htmx."""
    if not is_fragment(request):
        return redirect(f"{reverse('runs:new')}?{request.GET.urlencode()}")
    return render(request, "runs/expected.html", _outlook(LaunchForm(initial=_filled(request))))


def _outlook(form: LaunchForm) -> dict[str, Any]:
    """What is said before a run starts: how long it may take, and how many episodes a pilot of it plays (0: the numbers are none)."""
    try:
        episodes, plays = int(form["episodes"].value()), int(form["plays"].value() or 1)
    except (TypeError, ValueError):
        episodes = plays = 0
    agents = {form["agent_seat"].value() or "scripted", *(form["rivals"].value() or [])}
    pilot = min(pilot_of(plays * len(agents)), episodes) if plays > 0 else 0
    return {"expected": _expected(form), "pilot": max(0, pilot)}


def _expected(form: LaunchForm) -> Expected | None:
    """From the runs of late; None while there is none like it, or while the numbers are none."""
    try:
        episodes, pace = int(form["episodes"].value()), float(form["pace"].value() or 0)
        hands = int(form["concurrency"].value() or settings.STUDIO_WORKERS)
    except (TypeError, ValueError, OverflowError):
        return None
    if not (episodes > 0 and hands > 0 and pace >= 0):
        return None
    return expected_of(episodes, hands, pace, runs.paces_lately())


def _preset(slips: str) -> dict[str, Any]:
    """The default cast as the form's fields. A link that wants slips gets a scripted agent: models cannot be told to make any."""
    chosen = endpoints.default_cast()
    preset: dict[str, Any] = {
        f"{seat}_seat": f"{MODEL}{chosen[role]}"
        for seat, role in PURPOSES.items()
        if role in chosen and not (seat == "agent" and slips.strip("0."))
    }
    return preset | ({"judges": [chosen["judge"]]} if "judge" in chosen else {})


def _filled(request: HttpRequest) -> dict[str, Any]:
    """What a link fills in. Lists are given with commas or one by one."""
    filled: dict[str, Any] = {name: request.GET[name] for name in FIELDS if name in request.GET and name not in LISTS}
    for name in LISTS:
        if name in request.GET:
            filled[name] = [part for value in request.GET.getlist(name) for part in value.split(",") if part]
    return filled
