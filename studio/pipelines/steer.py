"""Runs as people steer them: started and moved in one transaction with the audit entry, then advanced."""

from collections.abc import Sequence
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from studio import broadcast
from studio.access import audit
from studio.pipelines.advance import advance
from studio.pipelines.space import check_data
from synthesis.models import Run
from synthesis.selectors import runs
from synthesis.services.runs import run_cancel, run_pause, run_resume, run_start

Move = Literal["pause", "resume", "cancel"]


def run_launch(*, actor: User, seed: int, episodes: int, domains: Sequence[str], variations: Sequence[str], **more: Any) -> Run:
    """Start a run and ask for its first slices. ``more`` as ``run_start`` takes it. Raises RunError, NoRoom."""
    check_data(settings.STUDIO_DATA, episodes)
    with audit.change(actor, "runs.start", "run") as told:
        run = run_start(seed=seed, episodes=episodes, domains=domains, variations=variations, **more)
        told.object_id, told.label = str(run.pk), f"run {run.pk}"
        told.after = audit.row_facts(run, "seed", "episodes", "releases", "variations", "slip_rate", "threshold", "concurrency")
        advance(run_id=run.pk)
    broadcast.hint(f"run:{run.pk}")
    return run


def run_move(*, actor: User, run_id: int, move: Move) -> None:
    """Pause, resume or cancel a run. Raises RunError when it is not in a state for that, or not there."""
    run = runs.run_get(run_id)
    before = {"status": run.status} if run else None
    with audit.change(actor, f"runs.{move}", "run", run_id, f"run {run_id}", before=before) as told:
        if move == "pause":
            run_pause(run_id=run_id)
        elif move == "cancel":
            run_cancel(run_id=run_id, now=timezone.now())
        else:
            run_resume(run_id=run_id)
            advance(run_id=run_id)
        after = runs.run_get(run_id)
        told.after = {"status": after.status} if after else None
    broadcast.hint(f"run:{run_id}")
