"""Attaching rubrics to domains and scenarios, with an entry in the audit trail."""

from django.contrib.auth.models import User
from django.utils import timezone

from judging.selectors.rubric_choices import choice_of
from judging.services.rubric_choices import ChoiceRefused, rubric_choose
from studio.access import audit
from synthesis.models import Domain, Scenario


def choose(*, actor: User, thing: Domain | Scenario, rubric: str) -> None:
    """Attach the rubric of that slug to a domain or a scenario; "" attaches none. The same again changes nothing. Raises ChoiceRefused."""
    present = choice_of(thing)
    before = present.rubric.slug if present else ""
    if before == rubric:
        return
    kind, name, label = ("domain", thing.slug, thing.name) if isinstance(thing, Domain) else ("scenario", thing.digest, thing.digest[:12])
    with audit.change(actor, "rubrics.edit", kind, name, label, before=before) as told:
        rubric_choose(thing=thing, rubric=rubric, by=actor.get_username(), now=timezone.now())
        told.after = rubric
        told.note = f"judged by the rubric {rubric}" if rubric else "judged by the default rubric"


__all__ = ["ChoiceRefused", "choose"]
