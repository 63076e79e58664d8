"""Which rubric a domain or a scenario wants to be judged by."""

from django.db import models
from django.db.models import Q

from judging.models.rubric import Rubric
from synthesis.models.domain import Domain
from synthesis.models.scenario import Scenario


class RubricChoice(models.Model):
    """A row attaches a rubric to a domain or to one scenario. Runs that name no rubric ask its newest version, as of their start."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="choices")
    domain = models.OneToOneField(Domain, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    scenario = models.OneToOneField(Scenario, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    by = models.CharField(max_length=150, help_text="User name, as it was then.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rubric_choice_of_one_thing",
                condition=Q(domain__isnull=False, scenario__isnull=True) | Q(domain__isnull=True, scenario__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"rubric {self.rubric_id} for {self.domain_id or self.scenario_id}"
