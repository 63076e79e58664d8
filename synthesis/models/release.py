"""Releases: immutable published versions of domains."""

from django.db import models

from synthesis.models.domain import Domain
from synthesis.models.fields import ExactJSONField


class Release(models.Model):
    """A row is one published pack, named by its content digest and never changed. Everything that was played points here."""

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField(help_text="1, 2, 3 within its domain.")
    digest = models.CharField(max_length=64, unique=True, help_text="sha256 of the pack's canonical JSON.")
    pack_text = models.TextField(help_text="The YAML it was published from.")
    pack = ExactJSONField(help_text="The parsed pack: msgspec JSON of engine.packs.model.Pack.")
    audit = models.JSONField(default=dict, help_text="Findings and counts of the audit it passed.")
    seeds = models.JSONField(default=list, help_text="Audited world seeds.")
    variations = models.JSONField(default=dict, help_text="{variation: [intent ids that support it]}.")
    lineage = models.JSONField(default=dict, blank=True, help_text="Parent release, author, prompts.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="release_number_once", fields=["domain", "number"])]

    def __str__(self) -> str:
        return f"{self.domain_id} #{self.number} {self.digest[:12]}"
