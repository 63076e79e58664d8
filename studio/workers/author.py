"""Tasks that authors wait for."""

from celery import shared_task

from studio.pipelines import audits, endpoints, evolving, fidelity


@shared_task(name="studio.workers.author.audit_draft", soft_time_limit=13 * 60, time_limit=14 * 60)
def audit_draft(audit_id: int) -> None:
    """Audit a draft. A doubled or late message finds the audit taken and does nothing."""
    audits.audit_run(audit_id=audit_id)


@shared_task(name="studio.workers.author.measure_fidelity", soft_time_limit=58 * 60, time_limit=60 * 60)
def measure_fidelity(report_id: int) -> None:
    """Measure a simulator, or go on where another worker stopped. A doubled or late message finds it taken and does nothing."""
    fidelity.fidelity_run(report_id=report_id)


@shared_task(name="studio.workers.author.evolve", soft_time_limit=13 * 60, time_limit=14 * 60)
def evolve(evolution_id: int) -> None:
    """Work on an evolution for a while. A doubled or late message finds it taken and does nothing."""
    evolving.evolution_run(evolution_id=evolution_id)


@shared_task(name="studio.workers.author.check_endpoint", soft_time_limit=5 * 60, time_limit=6 * 60)
def check_endpoint(check_id: int) -> None:
    """Ask an endpoint what it supports. A doubled or late message finds the check taken and does nothing."""
    endpoints.check_run(check_id=check_id)
