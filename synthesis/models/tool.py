"""The tool registry."""

from django.db import models
from django.db.models import F, Q

from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField
from synthesis.models.release import Release


class Tool(models.Model):
    """A row is one tool of one release as the registry knows it, with its usage in episodes."""

    class Kind(models.TextChoices):
        """What answers it: a program of the pack, a model, or a server elsewhere."""

        PROGRAM = "program"
        SIMULATED = "simulated"
        MCP = "mcp"

    class Side(models.TextChoices):
        """Who calls it: the agent, or the user on its own side."""

        AGENT = "agent"
        USER = "user"

    class Effect(models.TextChoices):
        """Whether it may change state."""

        READ = "read"
        WRITE = "write"

    class Status(models.TextChoices):
        """Whether scenarios may offer it."""

        ACTIVE = "active"
        QUARANTINED = "quarantined"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tools")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROGRAM)
    description = models.TextField()
    parameters = ExactJSONField(help_text="JSON Schema of the arguments.")
    returns = ExactJSONField(default=dict, help_text="JSON Schema of the result.")
    effect = models.CharField(max_length=5, choices=Effect)
    side = models.CharField(max_length=5, choices=Side, default=Side.AGENT)
    confirm = models.BooleanField(default=False, help_text="The user must say yes first.")
    errors = models.JSONField(default=list, help_text="Declared errors: [{code, when}].")
    examples = models.JSONField(default=list, blank=True)
    domains = models.JSONField(default=list, help_text="Slugs of the domains it suits.")
    tags = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    calls = models.PositiveBigIntegerField(default=0, help_text="Calls in judged episodes, those struck by injected faults left out.")
    failures = models.PositiveBigIntegerField(default=0, help_text="Those that returned an error.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(name="tool_once_per_release", fields=["release", "name"]),
            models.CheckConstraint(name="tool_failures_within_calls", condition=Q(failures__lte=F("calls"))),
        ]
        indexes = [
            # The registry page: tools by name over all releases.
            models.Index(fields=["name"], name="tool_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def success_rate(self) -> float | None:
        """Share of calls without an error, or None before the first call."""
        return 1 - self.failures / self.calls if self.calls else None


class ToolUse(models.Model):
    """A row says that a judged episode called a tool, and how it went: an episode is counted once, however often it is judged.

    ``Tool.calls`` and ``Tool.failures`` are the sums of these rows, kept in the same transaction.
    """

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="uses", db_index=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    calls = models.PositiveIntegerField()
    errors = models.JSONField(default=dict, help_text="{error code: calls that returned it}.")

    class Meta:
        constraints = [models.UniqueConstraint(name="tool_use_once", fields=["tool", "episode"])]

    def __str__(self) -> str:
        return f"tool {self.tool_id} in episode {self.episode_id}"
