"""Preference pairs: two plays of one scenario, of which one is better."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from synthesis.models.episode import Episode


class PairKind(models.TextChoices):
    """How a pair came to be: the better play was made from the worse one by correcting it, or both were played anyway."""

    REPAIRED = "repaired"
    NATURAL = "natural"


class PairState(models.TextChoices):
    """Where a pair stands. Moves: waiting (the better play is not judged yet) -> good or refused."""

    WAITING = "waiting"
    GOOD = "good"
    REFUSED = "refused"


class PreferencePair(models.Model):
    """A row is two episodes of one scenario: what was done in ``chosen`` is to be preferred to what was done in ``rejected``.

    ``marked`` is the event of the rejected episode that was corrected; ``at`` the message (from 0) at which the two conversations part.
    """

    chosen = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    rejected = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=PairKind)
    state = models.CharField(max_length=7, choices=PairState, default=PairState.WAITING)
    reason = models.TextField(blank=True, help_text="Why it is refused.")
    marked = models.IntegerField(null=True, blank=True, help_text="Event number in the rejected episode.")
    at = models.IntegerField(null=True, blank=True, help_text="Message at which the two part, counted from 0; set when it is good.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="pair_once", fields=["chosen", "rejected"]),
            models.CheckConstraint(name="pair_of_two", condition=~Q(chosen=F("rejected"))),
            models.CheckConstraint(name="pair_kind_known", condition=Q(kind__in=PairKind.values)),
            models.CheckConstraint(name="pair_state_known", condition=Q(state__in=PairState.values)),
            models.CheckConstraint(name="pair_refused_for_a_reason", condition=~Q(state="refused") | ~Q(reason="")),
            models.CheckConstraint(name="pair_good_parts_somewhere", condition=~Q(state="good") | Q(at__isnull=False)),
        ]
        indexes = [
            # The tick: pairs whose better play may have been judged meanwhile.
            models.Index(fields=["id"], name="pair_waiting", condition=Q(state="waiting")),
            # The list, by state, newest first.
            models.Index(fields=["state", "-id"], name="pair_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.chosen_id} over {self.rejected_id}"
