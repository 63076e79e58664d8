"""Prompts of model-backed seats, as people changed them."""

from django.db import models
from django.db.models import Q


class PromptVersion(models.Model):
    """A row is one published text of one prompt. It is never changed; the newest of a name is what calls use. A row with ``default`` says
    that from then on the text of the file counts again, whatever it becomes; ``text`` is what it was then.
    """

    name = models.CharField(max_length=40, help_text="A file name, without its ending, in the folders of STUDIO_PROMPT_FOLDERS.")
    number = models.PositiveIntegerField(help_text="From 1, densely, per name.")
    text = models.TextField()
    digest = models.CharField(max_length=16, help_text="engine.participants.prompts.Prompt.digest, as calls record it.")
    default = models.BooleanField(default=False, help_text="Back to the file.")
    note = models.CharField(max_length=300, blank=True, help_text="Why, in the author's words.")
    author = models.CharField(max_length=150, help_text="User name, as it was then.")
    created = models.DateTimeField()

    class Meta:
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(name="prompt_version_once", fields=["name", "number"]),
            models.CheckConstraint(name="prompt_version_from_1", condition=Q(number__gte=1)),
        ]
        indexes = [
            # Which prompt a call of the log was made with.
            models.Index(fields=["digest"], name="prompt_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class PinnedPrompt(models.Model):
    """A row is one text that a run was started with, published or of a file, by its digest: files change with the studio, runs do not."""

    digest = models.CharField(max_length=16, primary_key=True, help_text="engine.participants.prompts.Prompt.digest.")
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest
