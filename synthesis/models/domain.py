"""Domains: editable drafts of little worlds, and the ties between them."""

from django.db import models
from django.db.models import F, Q


class Domain(models.Model):
    """A row is one domain as its author edits it. Episodes never point here: they point to a Release of it."""

    class Origin(models.TextChoices):
        """Where the first text came from."""

        STARTER = "starter"
        AUTHORED = "authored"
        IMPORTED = "imported"
        EVOLVED = "evolved"

    class Status(models.TextChoices):
        """Whether runs may use its newest release."""

        DRAFT = "draft"
        ACTIVE = "active"
        ARCHIVED = "archived"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=200, help_text="Category path; its first part is the key category.")
    complexity = models.PositiveSmallIntegerField(default=1)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.AUTHORED)
    pack_text = models.TextField(help_text="The draft, as YAML.")
    required_tools = models.JSONField(default=list, blank=True)
    criteria = models.JSONField(default=dict, blank=True, help_text="Evaluation criteria of its own; empty: the default rubric.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, help_text="Raised by every save of the draft, so that two editors notice each other.")
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(name="domain_complexity_1_to_5", condition=Q(complexity__gte=1, complexity__lte=5)),
            models.CheckConstraint(name="domain_not_its_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))),
        ]
        indexes = [
            # The domain tree: domains of a category.
            models.Index(fields=["category", "slug"], name="domain_by_category"),
        ]

    def __str__(self) -> str:
        return self.slug


class DomainRelation(models.Model):
    """A row says that ``domain`` is tied to ``other`` in one way. It is directed: the tie back is a row of its own."""

    class Kind(models.TextChoices):
        """How they are tied."""

        SIBLING = "sibling"
        HANDS_OVER_TO = "hands_over_to"
        SHARES_RECORDS_WITH = "shares_records_with"

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="related_from")
    kind = models.CharField(max_length=20, choices=Kind)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="relation_once", fields=["domain", "other", "kind"]),
            models.CheckConstraint(name="relation_to_another", condition=~Q(domain=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.domain_id} {self.kind} {self.other_id}"
