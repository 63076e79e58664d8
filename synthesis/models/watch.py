"""Who is being watched, and what is being written there at this moment. Nothing here is of any worth a minute later."""

from django.db import models
from django.db.models import Q

from synthesis.models.episode import Episode


class Watch(models.Model):
    """A row says that a page follows an episode in which a model sits, so that its words are worth streaming; and holds those of the
    message under way.

    The page's socket keeps it, whoever plays the episode writes the words. They never enter the log: the event takes their place.
    """

    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    watched_until = models.DateTimeField(help_text="Put off by the page while it is open.")
    seat = models.CharField(max_length=5, blank=True, help_text="Who is writing: user or agent; empty: nobody.")
    seq = models.PositiveIntegerField(default=0, help_text="Number that the event will have; the words of an earlier one are over.")
    text = models.TextField(blank=True, help_text="So far; of a long one the end.")
    updated = models.DateTimeField(null=True, blank=True, help_text="When the words were last written.")

    class Meta:
        verbose_name_plural = "watches"
        constraints = [models.CheckConstraint(name="watch_seat_known", condition=Q(seat__in=["", "user", "agent"]))]

    def __str__(self) -> str:
        return f"watch of episode {self.pk}"
