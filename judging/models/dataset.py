"""Datasets: saved rules, their frozen results, and files made from those."""

from django.db import models
from django.db.models import Q

from judging.models.judgement import Judgement
from synthesis.models.episode import Episode
from synthesis.models.fields import ExactJSONField
from synthesis.models.run import Run


class Dataset(models.Model):
    """A row is a saved rule: which judged episodes of which runs are worth keeping."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    rule = ExactJSONField(help_text="engine.filters.Rule.")
    runs = models.ManyToManyField(Run, related_name="+", help_text="Where its episodes come from.")
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class DatasetVersion(models.Model):
    """A row is one frozen result of a dataset's rule. ``digest`` names rule and rows: building the same again gives the same version."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 within its dataset.")
    rule = ExactJSONField(help_text="engine.filters.Rule as it was applied.")
    counts = ExactJSONField(help_text="{gate: {removed, reasons: {reason: n}}} in order of gates, and how many came in and were kept.")
    kept = models.PositiveIntegerField()
    mean_quality = models.FloatField(null=True, help_text="Mean overall score of kept rows; null when none was kept.")
    digest = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="dataset_version_number_once", fields=["dataset", "number"]),
            models.UniqueConstraint(name="dataset_version_once", fields=["dataset", "digest"]),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} #{self.number}"


class DatasetSource(models.Model):
    """A row is one run that a version drew from, and which judge's word counted there.

    Positions of a version run through its sources in order of run: episode ``i`` of this one stands at ``first`` + ``i``.
    """

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="sources")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    judge_version = models.CharField(
        max_length=64, blank=True, help_text="The judge, or a hash over all of them where several decided; empty: none."
    )
    first = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["first"]
        constraints = [
            models.UniqueConstraint(name="dataset_source_once", fields=["version", "run"]),
            models.UniqueConstraint(name="dataset_source_in_order", fields=["version", "first"]),
        ]

    def __str__(self) -> str:
        return f"run {self.run_id} in {self.version_id}"


class DatasetRow(models.Model):
    """A row is what became of one judged episode in one version: kept, or removed by ``gate`` for ``reason``."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField(help_text="The episode's index, counted on from run to run: see DatasetSource.")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    judgement = models.ForeignKey(Judgement, on_delete=models.PROTECT, related_name="+")
    gate = models.CharField(max_length=20, blank=True, help_text="The gate that removed it; empty when it was kept.")
    reason = models.CharField(max_length=300, blank=True)
    twin = models.PositiveIntegerField(null=True, help_text="Position of the row kept in its place, where it is a duplicate.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="dataset_row_once", fields=["version", "position"]),
            models.CheckConstraint(
                name="dataset_row_removed_for_a_reason", condition=Q(gate="", reason="") | (~Q(gate="") & ~Q(reason=""))
            ),
        ]
        indexes = [
            # Exports: kept rows of a version in order.
            models.Index(fields=["version", "position"], name="dataset_row_kept", condition=Q(gate="")),
        ]

    def __str__(self) -> str:
        return f"row {self.position} of {self.version_id}"


class Export(models.Model):
    """A row is one file made from a version. A file is written whole and renamed, so a row always names a complete one."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=20)
    path = models.TextField()
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="export_once", fields=["version", "format", "path"])]

    def __str__(self) -> str:
        return self.path
