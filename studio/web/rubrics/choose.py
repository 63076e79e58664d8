"""The rubric of a domain or a scenario: the part of a page that shows it, and changing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from judging.selectors.rubric_choices import choice_of, rubrics_to_choose
from studio.access.doors import person
from studio.pipelines import rubric_choices as pipeline
from synthesis.models import Domain, Scenario


def choice_frame(thing: Domain | Scenario) -> dict[str, Any]:
    """What ``rubrics/choice.html`` shows: ``choice`` (or None) and ``choosable`` rubrics."""
    return {"choice": choice_of(thing), "choosable": rubrics_to_choose()}


def choose(request: HttpRequest, thing: Domain | Scenario) -> None:
    """Attach what the form says; tells how it went."""
    try:
        pipeline.choose(actor=person(request), thing=thing, rubric=request.POST.get("rubric", "")[:80])
    except pipeline.ChoiceRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Runs that start from now on follow this."))
