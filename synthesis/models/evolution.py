"""Evolutions: what models were asked to add to the catalogue, and what they drafted."""

from django.db import models
from django.db.models import Q

from synthesis.models.domain import Domain
from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release


class EvolutionStatus(models.TextChoices):
    """Where an evolution stands. Moves: queued -> working -> done or failed; working -> queued when whoever worked hands it back or waits
    for an endpoint; queued or working -> paused (by a person, or when nobody can go on until one acts) -> queued; all but the last three
    -> cancelled."""

    QUEUED = "queued"
    WORKING = "working"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_EVOLUTIONS = (EvolutionStatus.QUEUED, EvolutionStatus.WORKING, EvolutionStatus.PAUSED)


class Evolution(models.Model):
    """A row is one request to a model to extend the catalogue. Money is in millionths of the endpoint's currency."""

    endpoint = models.CharField(max_length=80, help_text="Slug of the model endpoint that writes.")
    wanted = ExactJSONField(help_text="engine.evolution.wanted.Wanted.")
    at_once = models.BooleanField(default=False, help_text="Publish what passes without asking a person.")
    limit = models.PositiveBigIntegerField(null=True, blank=True, help_text="What it may cost in all; null: no cap.")
    reserved = models.PositiveBigIntegerField(default=0, help_text="Set aside for calls in flight.")
    spent = models.PositiveBigIntegerField(default=0)
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=9, choices=EvolutionStatus, default=EvolutionStatus.QUEUED)
    note = models.TextField(blank=True, help_text="Why it waits, is paused or has failed.")
    problems = ExactJSONField(default=dict, help_text="{step: why it failed} of steps that belong to no draft.")
    epoch = models.PositiveIntegerField(default=0, help_text="Raised by whoever takes it, so that two never write.")
    lost = models.PositiveSmallIntegerField(default=0, help_text="Workers lost in a row without a step done.")
    waits = models.PositiveSmallIntegerField(default=0, help_text="Times in a row that the endpoint could not be asked.")
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="evolution_status_known", condition=Q(status__in=EvolutionStatus.values)),
            models.CheckConstraint(name="evolution_failed_has_note", condition=~Q(status="failed") | ~Q(note="")),
        ]
        indexes = [
            # The tick: evolutions that still need a worker.
            models.Index(fields=["id"], name="evolution_open", condition=Q(status__in=["queued", "working"])),
        ]

    def __str__(self) -> str:
        return f"evolution {self.pk}"

    @property
    def open(self) -> bool:
        """Whether there may be more to come."""
        return self.status in OPEN_EVOLUTIONS


class DraftKind(models.TextChoices):
    """What was drafted."""

    CATEGORY = "category"
    DOMAIN = "domain"
    WORDINGS = "wordings"
    PERSONA = "persona"
    AGENT = "agent"


class DraftStage(models.TextChoices):
    """What is next to be done on a draft, or how it ended. A category: domains -> done. A domain: outline -> world -> tools -> policy ->
    intents -> audit -> (repair -> audit)* -> passed or refused. Wordings: lines -> audit and so on. People begin as passed. passed ->
    published or rejected, by a person. Any -> failed when the model has no usable answer."""

    DOMAINS = "domains"
    OUTLINE = "outline"
    WORLD = "world"
    TOOLS = "tools"
    POLICY = "policy"
    INTENTS = "intents"
    LINES = "lines"
    AUDIT = "audit"
    REPAIR = "repair"
    DONE = "done"
    PASSED = "passed"
    PUBLISHED = "published"
    REFUSED = "refused"
    REJECTED = "rejected"
    FAILED = "failed"


ENDED_STAGES = (
    DraftStage.DONE,
    DraftStage.PASSED,
    DraftStage.PUBLISHED,
    DraftStage.REFUSED,
    DraftStage.REJECTED,
    DraftStage.FAILED,
)


class EvolutionDraft(models.Model):
    """A row is one thing that a model drafted: a key category, a domain with its pack, more wordings for a domain, a persona, an agent
    profile. Nothing of it is in the catalogue before it is published."""

    evolution = models.ForeignKey(Evolution, on_delete=models.CASCADE, related_name="drafts")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children", help_text="A domain's category."
    )
    kind = models.CharField(max_length=8, choices=DraftKind)
    slug = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    stage = models.CharField(max_length=9, choices=DraftStage)
    work = ExactJSONField(null=True, help_text="What is written so far: engine.evolution.pack_work.PackWork; a persona; an agent profile.")
    text = models.TextField(blank=True, help_text="The pack as YAML, once it is whole.")
    rounds = ExactJSONField(default=list, help_text="[engine.evolution.wanted.Round]: findings of each audit.")
    audited = ExactJSONField(null=True, help_text="services.catalog.Audited of the audit that it passed.")
    repairs = models.PositiveSmallIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0, help_text="Structured calls.")
    reasks = models.PositiveIntegerField(default=0, help_text="Answers that had to be asked for again.")
    cost = models.PositiveBigIntegerField(default=0)
    model = models.CharField(max_length=200, blank=True, help_text="As the endpoint called it.")
    prompts = ExactJSONField(default=dict, help_text="{prompt: digest}.")
    problem = models.TextField(blank=True, help_text="Why it failed.")
    base = models.CharField(max_length=64, blank=True, help_text="Digest of the release that new wordings were written for.")
    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="What it became, or the domain it is about."
    )
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.CharField(max_length=150, blank=True, help_text="User name of who accepted or rejected it.")
    decided = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="evolution_draft_kind_known", condition=Q(kind__in=DraftKind.values)),
            models.CheckConstraint(name="evolution_draft_stage_known", condition=Q(stage__in=DraftStage.values)),
            models.CheckConstraint(name="evolution_draft_failed_has_problem", condition=~Q(stage="failed") | ~Q(problem="")),
            models.UniqueConstraint(name="evolution_draft_once", fields=["evolution", "kind", "slug"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug} of evolution {self.evolution_id}"

    @property
    def ended(self) -> bool:
        """Whether a model has nothing more to do on it."""
        return self.stage in ENDED_STAGES
