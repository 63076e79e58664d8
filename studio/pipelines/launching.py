"""Starting and steering runs from a door: the service, and whatever the run then needs at once."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone

from studio import broadcast
from studio.pipelines import space
from studio.pipelines.advance import advance
from studio.pipelines.attend import has_broker
from studio.pipelines.judge_choice import judge_for
from synthesis.engine.chat.prices import MILLION
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run
from synthesis.selectors import spending
from synthesis.services.requeue import run_requeue
from synthesis.services.runs import run_cancel, run_pause, run_resume, run_start
from synthesis.services.seats import SCRIPTED, check_plays

Move = Literal["pause", "resume", "cancel", "requeue"]
PILOT = 3
"""Episodes of a pilot."""


def launch(
    *,
    episodes: int,
    seed: int,
    domains: Sequence[str] = (),
    variations: Sequence[str] = (),
    languages: Sequence[str] = (),
    personas: Sequence[str] = (),
    agents: Sequence[str] = (),
    slip_rate: float = 0.0,
    teams: float = 0.0,
    two_domains: float = 0.0,
    threshold: float = 4.5,
    pace: float = 0.0,
    concurrency: int = 0,
    user_seat: str = "scripted",
    agent_seat: str = "scripted",
    tools_seat: str = "scripted",
    simulate: str = "",
    rivals: Sequence[str] = (),
    plays: int = 1,
    budget: Decimal | None = None,
    judges: Sequence[str] = (),
    rubric: str = "",
    pilot: bool = False,
    started_by: str = "",
) -> Run:
    """Start a run, or a ``pilot`` that tries it out: three episodes, or all plays of as many scenarios as have three.

    ``teams`` is the share of episodes that a team serves, ``two_domains`` that of scenarios with a wish in another domain.
    ``concurrency`` 0: as many slices at a time as there are workers. ``simulate``: ``all`` lets the model in the tools seat answer for
    programs, too. ``rivals`` are further agent seats, ``plays`` how often each agent plays each scenario; ``budget`` is money of the
    endpoints' currency. ``judges`` and ``rubric`` as ``judge_for`` takes them.

    Embedded, the serving command's workers find it; with a broker, its slices are asked for. Raises RunError, NoRoom.
    """
    space.check_data(Path(settings.STUDIO_DATA), max(0, episodes))
    agent_count = len({agent_seat, *rivals})
    check_plays(episodes, plays, agent_count)
    options: dict[str, Any] = {"pace": pace} if pace else {}
    options |= {name: value for name, value in (("teams", teams), ("two_domains", two_domains), ("simulate", simulate)) if value}
    if pilot:
        options["pilot_for"] = episodes
    run = run_start(
        seed=seed,
        episodes=min(pilot_of(plays * agent_count), episodes) if pilot else episodes,
        domains=domains,
        variations=variations,
        languages=languages,
        personas=personas,
        agents=agents,
        slip_rate=slip_rate,
        threshold=threshold,
        seats={"user": user_seat, "agent": agent_seat, "tools": tools_seat},
        rivals=rivals,
        plays=plays,
        budget=millionths(budget),
        judge=judge_for(judges=judges, rubric=rubric, domains=domains).body(),
        concurrency=concurrency or int(settings.STUDIO_WORKERS),
        options=options,
        started_by=started_by,
    )
    advance(run_id=run.pk, workers_elsewhere=has_broker())
    return run


def pilot_of(each: int) -> int:
    """Episodes of a pilot where a scenario has so many: whole scenarios."""
    return -(-PILOT // each) * each


def millionths(money: Decimal | None) -> int | None:
    """An amount as it is counted; what is no amount is 0."""
    if money is None:
        return None
    return int((money * MILLION).to_integral_value(ROUND_CEILING)) if money.is_finite() and abs(money) < MILLION**3 else 0


def settings_of(run: Run) -> dict[str, Any]:
    """What ``launch`` has to be told for a run like this one; of a pilot, for the run that it tries out."""
    return {
        "episodes": run.options.get("pilot_for", run.episodes),
        "seed": run.seed,
        "domains": list(run.releases),
        "variations": [] if set(run.variations) == set(VARIATIONS) else list(run.variations),
        **{name: run.casting.get(name, []) for name in ("languages", "personas", "agents")},
        "slip_rate": run.slip_rate,
        "teams": run.options.get("teams", 0.0),
        "two_domains": run.options.get("two_domains", 0.0),
        "threshold": run.threshold,
        "pace": run.options.get("pace", 0.0),
        "concurrency": run.concurrency,
        **{f"{seat}_seat": run.seats.get(seat, "scripted") for seat in SCRIPTED},
        "simulate": run.options.get("simulate", ""),
        "rivals": list(run.rivals),
        "plays": run.plays,
        "judges": list(run.judge.get("endpoints", [])),
        # Where scenarios or domains chose, nobody named one.
        "rubric": "" if {"domains", "scenarios"} & run.judge.keys() else run.judge.get("rubric", ""),
        "budget": Decimal(limit) / MILLION if (limit := spending.limit_of(run)) is not None else None,
    }


def steer(*, run_id: int, move: Move) -> None:
    """``pause``, ``resume``, ``cancel`` or ``requeue`` a run. Raises RunError."""
    if move == "pause":
        run_pause(run_id=run_id)
    elif move == "resume":
        run_resume(run_id=run_id)
    elif move == "requeue":
        run_requeue(run_id=run_id)
    else:
        run_cancel(run_id=run_id, now=timezone.now())
    if move in {"resume", "requeue"}:
        advance(run_id=run_id, workers_elsewhere=has_broker())
    broadcast.hint(f"run:{run_id}")
