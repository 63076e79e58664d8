"""Attaching rubrics to domains and scenarios."""

from datetime import datetime

from judging.models import Rubric, RubricChoice
from synthesis.models import Domain, Scenario


class ChoiceRefused(ValueError):
    """That rubric cannot be attached; the message says why and how to mend it."""


def rubric_choose(*, thing: Domain | Scenario, rubric: str, by: str, now: datetime) -> RubricChoice | None:
    """Attach the rubric of that slug in place of what is attached; "" attaches none. Raises ChoiceRefused."""
    where = {"domain": thing} if isinstance(thing, Domain) else {"scenario": thing}
    if not rubric:
        RubricChoice.objects.filter(**where).delete()
        return None
    row = Rubric.objects.filter(slug=rubric, versions__isnull=False).first()
    if row is None:
        raise ChoiceRefused(f"There is no published rubric called {rubric!r}. Choose one that has a version, or publish it first.")
    return RubricChoice.objects.update_or_create(**where, defaults={"rubric": row, "by": by[:150], "at": now})[0]
