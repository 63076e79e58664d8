"""Episodes, the truth about them, and their append-only logs."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release
from synthesis.models.run import Run
from synthesis.models.scenario import Scenario


class EpisodeStatus(models.TextChoices):
    """Where an episode stands.

    planned -> queued (it has a scenario) -> playing -> played (its end is in the log) -> judged. Also: planned -> unfilled (no scenario
    could be
    made; ``failure`` says why), any open one -> failed (poison, infrastructure) or cancelled; playing -> queued when handed back. Somebody
    may have failed and unfilled ones tried again: they are queued or planned anew.
    """

    PLANNED = "planned"
    QUEUED = "queued"
    PLAYING = "playing"
    PLAYED = "played"
    JUDGED = "judged"
    UNFILLED = "unfilled"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATUSES: tuple[str, ...] = ("planned", "queued", "playing", "played")
"""Statuses that still need work."""


class Episode(models.Model):
    """A row is one play. ``(run.seed, index)`` is its identity outside of this database."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False)
    index = models.PositiveIntegerField(help_text="Dense from 0 within the run.")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+", db_index=False)
    domain = models.CharField(max_length=80)
    variation = models.CharField(max_length=24)
    scenario = models.ForeignKey(Scenario, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cast = ExactJSONField(help_text="engine.participants.cast.Cast.")
    persona = models.CharField(max_length=80, help_text="Slug of the persona that is cast.")
    agent = models.CharField(max_length=80, help_text="Slug of the agent profile that is cast, or that the agent was varied from.")
    seed = models.BigIntegerField()
    status = models.CharField(max_length=9, choices=EpisodeStatus, default=EpisodeStatus.PLANNED)

    epoch = models.PositiveIntegerField(default=0, help_text="Raised by every claim; a holder writes only under its own.")
    next_seq = models.PositiveIntegerField(default=0, help_text="Number of events in the log.")
    holder = models.BigIntegerField(
        null=True, blank=True, help_text="The slice that holds it; of a queued one, the slice that has its world at hand."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="Claims so far.")
    crashes = models.PositiveSmallIntegerField(default=0, help_text="Consecutive crashes at crash_seq.")
    crash_seq = models.IntegerField(default=-1)

    turns = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0, help_text="In and out, of the models in its seats.")
    cost = models.PositiveBigIntegerField(default=0, help_text="Of the models in its seats, in millionths of the endpoints' currency.")
    outcome = models.CharField(max_length=12, blank=True, help_text="End reason, once played.")
    digest = models.CharField(max_length=64, blank=True, help_text="Final state digest, once played.")
    failure = ExactJSONField(
        null=True, blank=True, help_text="{kind, detail, reasons} of an unfilled or failed one; kept when it is tried again."
    )
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="episode_once", fields=["run", "index"]),
            models.CheckConstraint(name="episode_status_known", condition=Q(status__in=EpisodeStatus.values)),
            models.CheckConstraint(
                name="episode_played_has_scenario",
                condition=Q(scenario__isnull=False) | ~Q(status__in=["queued", "playing", "played", "judged"]),
            ),
        ]
        indexes = [
            # Claiming and counting: episodes of a run by status, in order of index.
            models.Index(fields=["run", "status", "index"], name="episode_by_status"),
            # Generation: what a part has still to fill, and which digests it used.
            models.Index(fields=["run", "release", "index"], name="episode_by_part"),
            # The monitor: what ended lately.
            models.Index(fields=["finished"], name="episode_by_end", condition=Q(finished__isnull=False)),
            # Heartbeat and death of a slice: what it holds.
            models.Index(fields=["holder"], name="episode_held", condition=Q(status__in=["playing", "played"])),
            # What a persona and an agent profile have played, newest first.
            models.Index(fields=["persona", "-id"], name="episode_by_persona"),
            models.Index(fields=["agent", "-id"], name="episode_by_agent"),
        ]

    def __str__(self) -> str:
        return f"episode {self.index} of run {self.run_id}"


class EpisodeTruth(models.Model):
    """A row is what only we know of an episode: the slip that was planned and the one that was made.

    Judges and reviewers never read this table.
    """

    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, primary_key=True, related_name="truth")
    planned_slip = models.CharField(max_length=24)
    slip = ExactJSONField(null=True, blank=True, help_text="{kind, note} of the slip that was made, or null when none was.")

    def __str__(self) -> str:
        return f"truth of {self.episode_id}"


class Event(models.Model):
    """A row is one step of an episode's log. Append-only; ``seq`` is dense from 0. See the design's section on events for the payloads."""

    pk = models.CompositePrimaryKey("episode_id", "seq")
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    turn = models.PositiveIntegerField()
    call_id = models.CharField(max_length=80, null=True)  # noqa: DJ001 - most events have none
    head = models.CharField(max_length=160)
    payload = ExactJSONField()
    created = models.DateTimeField()

    class Meta:
        ordering = ["episode_id", "seq"]

    def __str__(self) -> str:
        return f"{self.episode_id}:{self.seq} {self.head}"
