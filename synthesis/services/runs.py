"""Runs: start, pause, resume, cancel, finish, try again. The only place where a run's status moves."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from synthesis.engine.episode.plan import Slot, missing_variations, plan, world_seeds
from synthesis.engine.episode.ports import Limits
from synthesis.engine.participants.cast import model_of
from synthesis.engine.participants.factory import base_slug
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.engine.scenarios.second import CARRIERS
from synthesis.engine.scenarios.siblings import nearest_siblings
from synthesis.models import Episode, EpisodeStatus, EpisodeTruth, Release, Run, RunPart, RunStatus
from synthesis.selectors import catalog, runs
from synthesis.selectors.simulators import left_out
from synthesis.services.casting import Casting
from synthesis.services.claims import close_logs
from synthesis.services.gate import budget_set
from synthesis.services.prompts import prompts_needed, prompts_pin
from synthesis.services.run_error import RunError
from synthesis.services.seats import agents_of, check_budget, check_plays, limits_of, models_of, seats_of

__all__ = ["RunError", "run_cancel", "run_count", "run_finish", "run_pause", "run_resume", "run_start", "run_stop"]

MOST_EPISODES = 10_000_000
ROWS_AT_ONCE = 1000


def run_start(
    *,
    seed: int,
    episodes: int,
    domains: Sequence[str] = (),
    variations: Sequence[str] = (),
    slip_rate: float = 0.0,
    threshold: float = 4.5,
    limits: Limits | None = None,
    seats: Mapping[str, str] | None = None,
    rivals: Sequence[str] = (),
    plays: int = 1,
    budget: int | None = None,
    judge: Mapping[str, Any] | None = None,
    concurrency: int = 2,
    languages: Sequence[str] = (),
    personas: Sequence[str] = (),
    agents: Sequence[str] = (),
    started_by: str = "",
    options: Mapping[str, Any] | None = None,
) -> Run:
    """Write a run with all its episodes, planned. No ``domains``, ``variations``, ``languages`` (of personas), ``personas`` or ``agents``
    (slugs of profiles) means all of them. Agents that are named play as they stand; else the factory varies the active profiles.
    Simulated tools are left out where the tools seat is no model, and the intents that need them; ``options.left_out`` then says which.
    ``seats`` are those of ``Cast`` that are not scripted; ``judge`` is stored as it is; ``budget`` is what all models, those that judge
    among them, may spend in all, in millionths. The agent and its ``rivals`` (further agent seats) each play every scenario ``plays``
    times; ``episodes`` counts all plays.

    Raises RunError for arguments that cannot work; then nothing is written.
    """
    _check_numbers(seed, episodes, slip_rate, threshold)
    seated = seats_of(seats or {})
    seated["agent"], others = agents_of(seated["agent"], rivals)
    check_plays(episodes, plays, 1 + len(others))
    asked = [*models_of(seated), *filter(None, map(model_of, others)), *(judge or {}).get("endpoints", [])]
    check_budget(budget, asked, slip_rate, seated["agent"])
    options = {**(options or {}), **_simulated(options, seated["tools"])}
    releases, lost = _playable(_chosen_releases(domains), seated["tools"], named=bool(domains))
    wanted = _chosen_variations(variations, releases, named=bool(domains))
    available = {slug: set(release.variations) for slug, release in releases.items()}
    slots = plan(seed, episodes, available, wanted, plays=plays, agents=1 + len(others))
    casting = Casting.of(languages, personas, agents)
    _check_teams(float(options.get("teams", 0.0)), casting)
    _check_two_domains(float(options.get("two_domains", 0.0)), releases, wanted)
    with transaction.atomic():
        run = Run.objects.create(
            seed=seed,
            episodes=episodes,
            releases={slug: release.digest for slug, release in releases.items()},
            siblings=_siblings(releases) if "similar_tools" in wanted else {},
            variations=list(wanted),
            seats=seated,
            judge=dict(judge or {}),
            plays=plays,
            rivals=others,
            slip_rate=slip_rate,
            threshold=threshold,
            limits=msgspec.to_builtins(limits or limits_of(seated, budget, episodes)),
            concurrency=concurrency,
            casting=casting.asked,
            prompts=prompts_pin(names=prompts_needed(seats=seated, judge=judge or {})),
            options={**options, **({"left_out": lost} if lost else {})},
            started_by=started_by,
        )
        tasks = Counter(slot.domain for slot in slots[:: run.each])
        RunPart.objects.bulk_create(
            RunPart(run=run, release=release, seeds=world_seeds(seed, slug, tasks[slug], release.seeds))
            for slug, release in releases.items()
            if tasks[slug]
        )
        _write_episodes(run, slots, releases, casting)
        if budget is not None:
            budget_set(run_id=run.pk, limit=budget)
    return run


def _simulated(options: Mapping[str, Any] | None, tools: str) -> dict[str, Any]:
    """The option ``simulate`` as it is kept: ``all`` lets the model in the tools seat answer for programs, too. Raises RunError."""
    wanted = (options or {}).get("simulate")
    if not wanted:
        return {}
    if wanted != "all":
        raise RunError(
            "--simulate", f"{wanted!r} is not known", "Say all, or leave it out: then only tools without programs are simulated."
        )
    if not model_of(tools):
        raise RunError("--simulate", "nobody simulates tools here", "Seat a model: --tools model:NAME.")
    return {"simulate": wanted}


def _playable(releases: dict[str, Release], tools: str, *, named: bool) -> tuple[dict[str, Release], dict[str, Any]]:
    """The releases that can be played with this tools seat, and what is left out of them: ``{slug: {tools, intents}}``.

    A domain of which nothing is left is an error when it was asked for by name, and left out otherwise. Raises RunError.
    """
    if model_of(tools):
        return releases, {}
    lost = left_out(releases)
    gone = [slug for slug, without in lost.items() if not without.playable]
    if gone and (named or len(gone) == len(releases)):
        needs = ", ".join(lost[gone[0]].tools)
        raise RunError("--tools", f"{gone[0]} is nothing without its simulated tools ({needs})", "Seat a model: --tools model:NAME.")
    kept = {slug: release for slug, release in releases.items() if slug not in gone}
    return kept, {slug: {"tools": without.tools, "intents": without.intents} for slug, without in sorted(lost.items())}


def _check_numbers(seed: int, episodes: int, slip_rate: float, threshold: float) -> None:
    if not -(2**63) <= seed < 2**63:
        raise RunError("--seed", f"{seed} does not fit 64 bits", "Give a smaller number.")
    if not 1 <= episodes <= MOST_EPISODES:
        raise RunError("--episodes", f"{episodes} is not a number of episodes to make", f"Give a whole number from 1 to {MOST_EPISODES:,}.")
    if not 0 <= slip_rate <= 1:
        raise RunError("--slips", f"{slip_rate} is not a share", "Give a number from 0 (no slips) to 1 (one in every episode).")
    if not 0 <= threshold <= 5:
        raise RunError("--threshold", f"{threshold} is not on the quality scale", "Give a number from 0 (keep all) to 5; 4.5 is usual.")


def _check_teams(share: float, casting: Casting) -> None:
    if not 0 <= share <= 1:
        raise RunError("--teams", f"{share} is not a share", "Give a number from 0 (no teams) to 1 (a team in every episode).")
    if share and not casting.lead_teams():
        raise RunError("--teams", "none of these agents has an active colleague", "Choose an agent that names colleagues.")


def _check_two_domains(share: float, releases: Mapping[str, Release], variations: Sequence[str]) -> None:
    if not 0 <= share <= 1:
        raise RunError("--two-domains", f"{share} is not a share", "Give a number from 0 (one domain each) to 1 (two wherever it can be).")
    if share and len(releases) < 2:
        raise RunError("--two-domains", "there is only one domain in this run", "Choose at least two domains.")
    if share and not CARRIERS.intersection(variations):
        names = ", ".join(v for v in VARIATIONS if v in CARRIERS)
        raise RunError("--two-domains", "no scenario of these variations can have a wish in another domain", f"Add one of {names}.")


def _chosen_releases(domains: Sequence[str]) -> dict[str, Release]:
    releases = catalog.active_releases()
    if not releases:
        raise RunError("catalogue", "no domain has a release", "Install the starter catalogue: ./bin/studio manage install_catalog")
    for slug in domains:
        if slug not in releases:
            near = get_close_matches(slug, releases, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(releases)}."
            raise RunError("--domains", f"there is no domain {slug!r}", hint)
    return {slug: release for slug, release in releases.items() if not domains or slug in domains}


def _chosen_variations(variations: Sequence[str], releases: Mapping[str, Release], named: bool) -> tuple[str, ...]:
    for variation in variations:
        if variation not in VARIATIONS:
            raise RunError("--variations", f"there is no variation {variation!r}", f"There are: {', '.join(VARIATIONS)}.")
    wanted = tuple(v for v in VARIATIONS if not variations or v in variations)
    available = {slug: set(release.variations) for slug, release in releases.items()}
    missing = missing_variations(available, wanted)
    if missing and (variations or len(missing) == len(wanted)):
        where = "these domains" if named else "the catalogue"
        raise RunError("--variations", f"no domain of {where} supports {', '.join(missing)}", "Leave it out or choose other domains.")
    return wanted


def _siblings(releases: Mapping[str, Release]) -> dict[str, list[dict[str, Any]]]:
    """For every domain that is played the domains of the whole catalogue whose tools are most alike, with the worlds they bring."""
    everything = catalog.active_releases()
    packs = catalog.packs_by_slug([release.digest for release in everything.values()])
    near = {slug: nearest_siblings(packs[slug], [packs[other] for other in sorted(packs) if other != slug]) for slug in releases}
    return {
        slug: [{"domain": other, "release": everything[other].digest, "seed": everything[other].seeds[0]} for other in others]
        for slug, others in near.items()
    }


def _write_episodes(run: Run, slots: Sequence[Slot], releases: Mapping[str, Release], casting: Casting) -> None:
    """In chunks, so that memory stays flat."""
    waiting = iter(slots)

    def rows(chunk: Sequence[Slot]) -> Iterator[tuple[Episode, str | None]]:
        for slot in chunk:
            cast, slip = casting.drawn(run, slot)
            yield (
                Episode(
                    run=run,
                    index=slot.index,
                    release=releases[slot.domain],
                    domain=slot.domain,
                    variation=slot.variation,
                    cast=cast,
                    persona=cast.persona.slug,
                    agent=base_slug(cast.agent),
                    seed=slot.seed,
                ),
                slip,
            )

    while chunk := list(islice(waiting, ROWS_AT_ONCE)):
        pairs = list(rows(chunk))
        Episode.objects.bulk_create([episode for episode, _ in pairs])
        EpisodeTruth.objects.bulk_create(EpisodeTruth(episode=episode, planned_slip=slip) for episode, slip in pairs if slip)


def run_pause(*, run_id: int) -> int:
    """Stop a running run: what is being played is taken from its holders and queued again. Returns how many that were. Raises RunError."""
    with transaction.atomic():
        _move(run_id, "paused", [RunStatus.RUNNING], RunStatus.PAUSED)
        return _take_back(run_id)


def run_stop(*, run_id: int, reason: Mapping[str, Any]) -> bool:
    """Pause a running run of which nothing can go on until a person acts, and say why. False when it is not running: somebody was first."""
    with transaction.atomic():
        if not Run.objects.filter(pk=run_id, status=RunStatus.RUNNING).update(status=RunStatus.PAUSED, stopped=dict(reason)):
            return False
        _take_back(run_id)
        return True


def _take_back(run_id: int) -> int:
    """What is being played or generated is taken from its holders; returns how many episodes that were."""
    RunPart.objects.filter(run_id=run_id, done=False).update(epoch=F("epoch") + 1, holder=None, lease_until=None)
    playing = Episode.objects.filter(run_id=run_id, status=EpisodeStatus.PLAYING)
    return playing.update(status=EpisodeStatus.QUEUED, epoch=F("epoch") + 1, holder=None, lease_until=None)


def run_resume(*, run_id: int) -> None:
    """Let a paused run go on. A running one stays as it is. Raises RunError for one that is over."""
    with transaction.atomic():
        _move(run_id, "resumed", [RunStatus.PAUSED, RunStatus.RUNNING], RunStatus.RUNNING, stopped=None)


def run_cancel(*, run_id: int, now: datetime) -> int:
    """End a run for good: what has not been played never will be, logs that have begun get their end.

    Returns how many episodes that were. Raises RunError.
    """
    with transaction.atomic():
        _move(run_id, "cancelled", [RunStatus.RUNNING, RunStatus.PAUSED], RunStatus.CANCELLED, finished=now)
        RunPart.objects.filter(run_id=run_id, done=False).update(epoch=F("epoch") + 1, done=True, holder=None, lease_until=None)
        open_ones = Episode.objects.filter(run_id=run_id, status__in=[EpisodeStatus.PLANNED, EpisodeStatus.QUEUED, EpisodeStatus.PLAYING])
        begun = list(open_ones.filter(next_seq__gt=0).values_list("pk", flat=True))
        ended = open_ones.update(status=EpisodeStatus.CANCELLED, epoch=F("epoch") + 1, holder=None, lease_until=None)
        close_logs(begun, "cancelled")
        return ended


def run_finish(*, run_id: int, now: datetime) -> bool:
    """Close a running run whose episodes are all done. False when some are not, or when somebody else has closed it."""
    with transaction.atomic():
        if not runs.run_is_over(run_id):
            return False
        counts = runs.run_counts(run_id)
        running = Run.objects.filter(pk=run_id, status=RunStatus.RUNNING)
        return bool(running.update(status=RunStatus.FINISHED, finished=now, counts=counts))


def run_count(*, run_id: int) -> dict[str, int]:
    """Bring the run's stored counts up to date and return them."""
    counts = runs.run_counts(run_id)
    Run.objects.filter(pk=run_id).update(counts=counts)
    return counts


def _move(run_id: int, done: str, frm: Sequence[RunStatus], to: RunStatus, **changes: Any) -> None:
    if Run.objects.filter(pk=run_id, status__in=frm).update(status=to, **changes):
        return
    run = runs.run_get(run_id)
    if run is None:
        raise RunError("run", f"there is no run {run_id}", "See ./bin/studio manage runs")
    raise RunError("run", f"run {run_id} is {run.status}, so it cannot be {done}", "See ./bin/studio manage runs")
