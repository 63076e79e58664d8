"""Runs: batches of episodes started together, their generation work, and the slices that play them."""

from django.db import models
from django.db.models import Q

from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release


class RunStatus(models.TextChoices):
    """Where a run stands. Moves: running <-> paused; either -> cancelled; running -> finished; finished -> running when what failed in it
    is queued again.
    """

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class Run(models.Model):
    """A row is one batch of episodes. What it holds together with the catalogue's releases settles every byte of what comes out of it."""

    seed = models.BigIntegerField()
    episodes = models.PositiveIntegerField(help_text="How many were asked for.")
    releases = ExactJSONField(help_text="{domain slug: release digest} of the domains that are played.")
    siblings = ExactJSONField(default=dict, help_text="{domain slug: [release digests]} whose tools and topics may appear beside it.")
    variations = models.JSONField(help_text="Variations that were asked for.")
    seats = models.JSONField(help_text="{user, agent, tools}: engine.participants.cast.Cast.")
    judge = models.JSONField(
        default=dict, blank=True, help_text="{kind, endpoints, rubric}: judging.engine.judges.spec; empty: the programmatic judge."
    )
    plays = models.PositiveSmallIntegerField(default=1, help_text="How often each agent plays each scenario.")
    rivals = models.JSONField(default=list, blank=True, help_text="Further agent seats that play every scenario, too.")
    slip_rate = models.FloatField(default=0.0)
    threshold = models.FloatField(default=4.5, help_text="Least overall quality (0-5) of a kept episode.")
    limits = models.JSONField(help_text="engine.episode.ports.Limits.")
    concurrency = models.PositiveSmallIntegerField(default=2, help_text="Slices at a time.")
    casting = models.JSONField(
        default=dict, blank=True, help_text="Who may be cast, where not everybody: {languages, personas, agents}, each a list."
    )
    # Of an option {teams} is the share of episodes that a team serves, {two_domains} that of scenarios with a wish in another domain.
    options = models.JSONField(
        default=dict,
        blank=True,
        help_text="What else the starter wants: {out, formats} at the end, {pace}, {pilot_for}: episodes of the run it tries out.",
    )
    prompts = models.JSONField(
        default=dict,
        blank=True,
        help_text="{prompt: digest of its PinnedPrompt} of those its models are told, as they were at its start.",
    )
    started_by = models.CharField(max_length=150, blank=True, help_text="User name of whoever started it; empty: the command line.")
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    stopped = ExactJSONField(
        null=True,
        blank=True,
        help_text="{kind, party, endpoint, detail}: why it was paused without anybody asking (engine.chat.errors.Stopped); null otherwise.",
    )
    counts = models.JSONField(default=dict, help_text="{episode status: count}, as of the last tick.")
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="run_has_episodes", condition=Q(episodes__gt=0)),
            models.CheckConstraint(name="run_plays_each_scenario", condition=Q(plays__gte=1)),
            models.CheckConstraint(name="run_slip_rate_is_a_share", condition=Q(slip_rate__gte=0, slip_rate__lte=1)),
            models.CheckConstraint(name="run_threshold_0_to_5", condition=Q(threshold__gte=0, threshold__lte=5)),
            models.CheckConstraint(name="run_status_known", condition=Q(status__in=RunStatus.values)),
        ]
        indexes = [
            # The tick: runs that are under way.
            models.Index(fields=["id"], name="run_under_way", condition=Q(status="running")),
            # The list of runs, by state and by who started them; newest first.
            models.Index(fields=["status", "-id"], name="run_by_status"),
            models.Index(fields=["started_by", "-id"], name="run_by_starter"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def agents(self) -> list[str]:
        """Seats of all agents that play every scenario."""
        return [self.seats.get("agent", "scripted"), *self.rivals]

    @property
    def each(self) -> int:
        """Episodes of one scenario: they follow each other, and the first has an index divisible by this."""
        return self.plays * len(self.agents)

    def agent_at(self, index: int) -> str:
        """The seat of the agent that plays the episode of this index."""
        return self.agents[index % self.each // self.plays]


class RunPart(models.Model):
    """A row is the generation work of one domain of a run.

    Scenarios of one domain are generated in order of episode index by one holder at a time, since each avoids those before it: so the
    same seed
    gives the same scenarios whatever the number of workers. ``next_index`` is the first episode index that was not looked at yet.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    seeds = models.JSONField(default=list, help_text="World seeds this run draws from: some of the release's audited ones.")
    next_index = models.PositiveIntegerField(default=0)
    done = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=0, help_text="Raised by every claim; a holder writes only under its own.")
    holder = models.BigIntegerField(
        null=True, blank=True, help_text="The slice that holds it, or held it last: that one has its worlds at hand."
    )
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Set while it is held.")
    not_before = models.DateTimeField(null=True, blank=True)
    crashes = models.PositiveSmallIntegerField(default=0, help_text="Consecutive crashes at next_index.")

    class Meta:
        constraints = [models.UniqueConstraint(name="part_once_per_release", fields=["run", "release"])]
        indexes = [
            # Claiming: parts of a run with work left.
            models.Index(fields=["run", "id"], name="part_open", condition=Q(done=False)),
        ]

    def __str__(self) -> str:
        return f"part {self.pk} of run {self.run_id}"


class SliceStatus(models.TextChoices):
    """Where a slice stands: asked for, at work, over."""

    ASKED = "asked"
    AT_WORK = "at_work"
    OVER = "over"


class Slice(models.Model):
    """A row is one turn of work on a run: a process plays many episodes in one event loop for a couple of minutes.

    The message that asks for it may be lost, doubled or late: a lost one runs into ``lease_until`` and is asked for again, a doubled one
    finds
    the row at work.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="slices")
    worker = models.CharField(max_length=120, blank=True, help_text="Name of the process; its lock file tells whether it lives.")
    status = models.CharField(max_length=8, choices=SliceStatus, default=SliceStatus.ASKED)
    lease_until = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    played = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="slice_status_known", condition=Q(status__in=SliceStatus.values))]
        indexes = [
            # The tick: how many slices of a run are alive.
            models.Index(fields=["run", "lease_until"], name="slice_alive", condition=~Q(status="over")),
            # Health: age of the last slice that started.
            models.Index(fields=["started"], name="slice_by_start"),
        ]

    def __str__(self) -> str:
        return f"slice {self.pk} of run {self.run_id}"
