"""Exports that somebody asked for."""

from django.db import models
from django.db.models import Q

from judging.models.dataset import Dataset, DatasetVersion
from synthesis.models.fields import ExactJSONField
from synthesis.models.run import Run


class ExportJobStatus(models.TextChoices):
    """Where a job stands. Moves: queued -> writing -> done or failed; writing -> writing when whoever wrote is gone."""

    QUEUED = "queued"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


class ExportJob(models.Model):
    """A row is one asked-for set of files: the ``Export`` rows of ``version`` that lie in the job's own folder.

    They are of one run under its own rule, or of a saved dataset: of a ``version`` of it that was there when they were asked for, or of a
    new one that is frozen first.
    """

    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    formats = ExactJSONField(help_text="Names of engine.formats.registry.FORMATS.")
    threshold = models.FloatField(null=True, help_text="Least overall quality (0-5) of a kept row; null: the run's.")
    duplicates = models.BooleanField(default=False, help_text="Whether duplicates are kept.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=8, choices=ExportJobStatus, default=ExportJobStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    version = models.ForeignKey(DatasetVersion, null=True, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="export_job_status_known", condition=Q(status__in=ExportJobStatus.values)),
            models.CheckConstraint(
                name="export_job_of_run_or_dataset",
                condition=Q(run__isnull=False, dataset__isnull=True) | Q(run__isnull=True, dataset__isnull=False),
            ),
            models.CheckConstraint(name="export_job_done_has_version", condition=~Q(status="done") | Q(version__isnull=False)),
            models.CheckConstraint(name="export_job_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
        ]
        indexes = [
            # The tick: jobs that still need a worker.
            models.Index(fields=["id"], name="export_job_open", condition=Q(status__in=["queued", "writing"])),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
