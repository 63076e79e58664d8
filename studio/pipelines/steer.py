"""Runs as people steer them, from pages and through programs: started and moved in one transaction with the audit entry."""

from typing import Any

from django.contrib.auth.models import User

from studio.access import audit
from studio.pipelines.launching import Move, launch, settings_of, steer
from synthesis.models import Run
from synthesis.selectors import runs


def run_launch(*, actor: User, **wanted: Any) -> Run:
    """Start a run; ``wanted`` as ``launch`` takes it. Raises RunError, NoRoom."""
    with audit.change(actor, "runs.start", "run") as told:
        run = launch(started_by=actor.get_username(), **wanted)
        told.object_id, told.label = str(run.pk), f"run {run.pk}"
        told.after = audit.row_facts(
            run, "seed", "episodes", "releases", "variations", "casting", "plays", "rivals", "slip_rate", "threshold", "options"
        )
    return run


def run_whole(*, actor: User, pilot: Run) -> Run:
    """Start the run that a pilot tried out. Raises RunError, NoRoom."""
    return run_launch(actor=actor, **settings_of(pilot))


def run_move(*, actor: User, run_id: int, move: Move) -> None:
    """Pause, resume or cancel a run, or try again what failed in it. Raises RunError when it is not in a state for that, or not there."""
    with audit.change(actor, f"runs.{move}", "run", run_id, f"run {run_id}", before=_status(run_id)) as told:
        steer(run_id=run_id, move=move)
        told.after = _status(run_id)


def _status(run_id: int) -> dict[str, Any] | None:
    run = runs.run_get(run_id)
    return {"status": run.status, "counts": runs.run_counts(run_id)} if run else None
