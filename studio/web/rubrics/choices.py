"""Which rubric a domain or a scenario is judged by where a run names none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from judging.selectors.rubrics import newest_version, rubric_of
from studio.access.doors import allow, found
from studio.web.catalogue.frame import domain_frame
from studio.web.rubrics.choose import choice_frame, choose
from studio.web.rubrics.words import shown
from synthesis.selectors import lists


@allow("rubrics.view")
@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/rubric/``: what is attached, and what it asks."""
    row = found(lists.domain(slug))
    frame = choice_frame(row)
    if frame["choice"] is not None:
        version = newest_version(frame["choice"].rubric.slug)
        frame |= {"version": version, "shown": shown(rubric_of(version).criteria)}
    return render(request, "rubrics/domain.html", {**domain_frame(request, row), **frame})


@allow("rubrics.edit")
@require_POST
def choose_for_domain(request: HttpRequest, slug: str) -> HttpResponse:
    """Attach another rubric to a domain, or none."""
    choose(request, found(lists.domain(slug)))
    return redirect("rubric_choices:domain", slug)


@allow("rubrics.edit")
@require_POST
def choose_for_scenario(request: HttpRequest, digest: str) -> HttpResponse:
    """Attach another rubric to one scenario, or none."""
    choose(request, found(lists.scenario(digest)))
    return redirect("scenarios:scenario", digest)
