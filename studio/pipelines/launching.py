"""Starting and steering runs from a door: the service, and whatever the run then needs at once."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from studio import broadcast
from studio.pipelines import space
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from synthesis.models import Run
from synthesis.services.runs import run_cancel, run_pause, run_resume, run_start


def launch(
    *,
    episodes: int,
    seed: int,
    domains: Sequence[str] = (),
    variations: Sequence[str] = (),
    languages: Sequence[str] = (),
    slip_rate: float = 0.0,
    threshold: float = 4.5,
    pace: float = 0.0,
) -> Run:
    """Start a run. Embedded, the serving command's workers find it; with a broker, its slices are asked for. Raises RunError, NoRoom."""
    space.check_data(Path(settings.STUDIO_DATA), max(0, episodes))
    run = run_start(
        seed=seed,
        episodes=episodes,
        domains=domains,
        variations=variations,
        languages=languages,
        slip_rate=slip_rate,
        threshold=threshold,
        concurrency=int(settings.STUDIO_WORKERS),
        options={"pace": pace} if pace else {},
    )
    advance(run_id=run.pk, workers_elsewhere=has_broker())
    return run


def steer(*, run_id: int, move: str) -> None:
    """``pause``, ``resume`` or ``cancel`` a run. Raises RunError."""
    if move == "pause":
        run_pause(run_id=run_id)
    elif move == "resume":
        run_resume(run_id=run_id)
        advance(run_id=run_id, workers_elsewhere=has_broker())
    else:
        run_cancel(run_id=run_id, now=timezone.now())
    broadcast.hint(f"run:{run_id}")
