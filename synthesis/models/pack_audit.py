"""Audits of drafts that somebody asked for."""

from django.db import models
from django.db.models import Q

from synthesis.models.domain import Domain
from synthesis.models.fields import ExactJSONField


class PackAuditStatus(models.TextChoices):
    """Where an audit stands. Moves: queued -> auditing -> done or failed; auditing -> auditing when whoever did it is gone; queued or
    auditing -> replaced when a newer text is to be audited."""

    QUEUED = "queued"
    AUDITING = "auditing"
    DONE = "done"
    FAILED = "failed"
    REPLACED = "replaced"


OPEN_AUDITS = (PackAuditStatus.QUEUED, PackAuditStatus.AUDITING)


class PackAudit(models.Model):
    """A row is one asked-for audit of one text of a domain's draft, and what came of it. Only a text with such an audit is published."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="audits")
    text = models.TextField(help_text="The draft as it was then.")
    text_digest = models.CharField(max_length=64, help_text="sha256 of the text.")
    asked_by = models.CharField(max_length=150, help_text="User name, as it was then.")
    status = models.CharField(max_length=8, choices=PackAuditStatus, default=PackAuditStatus.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=20, blank=True, help_text="What is being looked at: a name of engine.audit.audit.STAGES.")
    stage_done = models.PositiveIntegerField(default=0)
    stage_total = models.PositiveIntegerField(default=0)
    report = ExactJSONField(null=True, help_text="engine.audit.report.AuditReport, findings with their lines.")
    errors = models.PositiveIntegerField(default=0, help_text="Findings that forbid publishing.")
    warnings = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, help_text="Why there is no report.")
    created = models.DateTimeField()
    asked = models.DateTimeField(help_text="When a worker was last asked for; messages may be lost.")
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="pack_audit_status_known", condition=Q(status__in=PackAuditStatus.values)),
            models.CheckConstraint(name="pack_audit_done_has_report", condition=~Q(status="done") | Q(report__isnull=False)),
            models.CheckConstraint(name="pack_audit_failed_has_error", condition=~Q(status="failed") | ~Q(error="")),
            models.UniqueConstraint(name="pack_audit_one_open", fields=["domain"], condition=Q(status__in=["queued", "auditing"])),
        ]
        indexes = [
            # The authors' page: the newest audit of a domain, and of one text of it.
            models.Index(fields=["domain", "text_digest", "-id"], name="pack_audit_of_text"),
            # The tick: audits that still need a worker.
            models.Index(fields=["id"], name="pack_audit_open", condition=Q(status__in=["queued", "auditing"])),
        ]

    def __str__(self) -> str:
        return f"audit {self.pk} of domain {self.domain_id}"

    @property
    def passed(self) -> bool:
        """Whether its text may be published."""
        return self.status == PackAuditStatus.DONE and self.errors == 0

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN_AUDITS
