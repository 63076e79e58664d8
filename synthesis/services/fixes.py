"""Fixing an episode from the message in which it first went wrong: what a competent seat would say there, and the fork that does."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from synthesis.engine.episode.events import Event
from synthesis.engine.episode.seats import Agent, AgentMove, User, UserMove
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.participants.cast import Cast
from synthesis.engine.participants.fixing import (
    Correction,
    Mistake,
    Seat,
    as_it_was,
    correction_of,
    last_mistake,
    mistake_at,
    move_of,
    next_mistake,
)
from synthesis.engine.participants.forking import CannotFork, FaultChoice, first_cast, fork_note, prefix_of
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.team import own_tools, whole_offer
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.engine.world.values import validator_of
from synthesis.models import Episode, Run
from synthesis.selectors import catalog
from synthesis.services.claims import read_logs
from synthesis.services.forks import budget_carry, episode_fork, options_carried

logger = logging.getLogger(__name__)


class Proposal(msgspec.Struct, frozen=True):
    """Which message to replace, by what, and the names of the tools that its seat has there.

    ``better`` is False where no scripted seat can make sense of the log: then the correction is the message as it was, to be changed by
    hand.
    """

    mistake: Mistake
    correction: Correction
    tools: list[str]
    better: bool = True


def fix_propose(*, episode_id: int, seq: int | None, seat: Seat | None = None, after: bool = False) -> Proposal:
    """What a competent scripted seat would say in place of the message that event ``seq`` goes back to; ``seq`` None: the last message
    of ``seat`` (the agent's). ``after``: the first message of that seat that follows ``seq``, if there is one. Writes nothing.
    Raises CannotFork.
    """
    origin, scenario, log = _read(episode_id)
    mistake = last_mistake(log, seat or "agent") if seq is None else mistake_at(log, seq, seat)
    if seq is not None and after:
        mistake = next_mistake(log, seq, seat or "agent") or mistake
    cast = msgspec.convert(origin.cast, Cast)
    prefix = prefix_of(log, mistake.seq - 1)
    note = fork_note(prefix[-1], cast=cast, origin={}, faults=FaultChoice(), corrects=mistake.seq)
    packs = _packs(origin, scenario)
    kind = ScriptedUser if mistake.seat == "user" else ScriptedAgent
    try:
        somebody = kind(scenario, first_cast(log, cast), packs, starter_wording(), origin.seed)
        for event in [*prefix, note]:
            somebody.observe(event)
        correction, better = correction_of(_move(somebody)), True
    except Exception as error:  # noqa: BLE001 - any log may be given here, and whoever corrects it can do without a proposal
        logger.warning("no proposal for message %s of episode %s: %s: %s", mistake.seq, episode_id, type(error).__name__, error)
        correction, better = as_it_was(log[mistake.seq]), False
    tools = _tools(mistake.seat, scenario, cast, packs)
    return Proposal(mistake, correction, list(tools), better)


def _move(seat: User | Agent) -> UserMove | AgentMove:
    """What a scripted seat does. It waits for nothing, so this also works inside of a running event loop."""
    step = seat.act()
    try:
        step.send(None)
    except StopIteration as done:
        move: UserMove | AgentMove = done.value
        return move
    step.close()
    raise AssertionError("a scripted seat does not wait")


def episode_fix(
    *,
    episode_id: int,
    seq: int,
    correction: Correction,
    now: datetime,
    seats: Mapping[str, str] | None = None,
    faults: FaultChoice = FaultChoice(),  # noqa: B008 - immutable
    started_by: str = "",
) -> Episode:
    """Start a fork in which message ``seq`` of the episode is replaced by ``correction``; whoever sits in ``seats`` goes on (as before
    where nobody is named). Nobody slips on purpose any more. Raises CannotFork.
    """
    move = _corrected(episode_id, seq, correction)
    return episode_fork(episode_id=episode_id, seq=seq - 1, now=now, seats=seats, faults=faults, started_by=started_by, first=move)


def episodes_repair(
    *, run_id: int, fixes: Sequence[tuple[int, int, Correction]], now: datetime, started_by: str = ""
) -> tuple[Run, list[Episode]]:
    """Start one run in which episodes of ``run_id`` go on from a corrected message: ``fixes`` are episode, message and correction.
    Raises CannotFork, and then nothing is written.
    """
    if not fixes:
        raise CannotFork("There is nothing to repair.")
    with transaction.atomic():
        origin = Run.objects.get(pk=run_id)
        run = Run.objects.create(
            seed=origin.seed,
            episodes=len(fixes),
            releases=origin.releases,
            siblings=origin.siblings,
            variations=origin.variations,
            seats=origin.seats,
            judge=origin.judge,
            threshold=origin.threshold,
            limits=origin.limits,
            prompts=origin.prompts,
            concurrency=origin.concurrency,
            options={"repairs": run_id, **options_carried(origin)},
            started_by=started_by,
        )
        budget_carry(origin, run)
        made = [
            episode_fork(episode_id=episode_id, seq=seq - 1, now=now, first=_corrected(episode_id, seq, correction), into=(run, index))
            for index, (episode_id, seq, correction) in enumerate(fixes)
        ]
    return run, made


def _corrected(episode_id: int, seq: int, correction: Correction) -> UserMove | AgentMove:
    """The move that stands in for message ``seq``. Raises CannotFork for what cannot be said there."""
    origin, scenario, log = _read(episode_id)
    mistake = mistake_at(log, seq)
    if mistake.seq != seq:
        raise CannotFork("Only a message can be corrected.")
    cast = msgspec.convert(origin.cast, Cast)
    packs = _packs(origin, scenario)
    tools = _tools(mistake.seat, scenario, cast, packs)
    move = move_of(correction, mistake.seat, list(tools), seq + 1)
    for call in move.calls:
        wrong = next(validator_of(tools[call.name].parameters).iter_errors(call.arguments), None)
        if wrong is not None:
            raise CannotFork(f"The arguments of {call.name} do not fit: {wrong.message}.")
    return move


def _tools(seat: Seat, scenario: Scenario, cast: Cast, packs: Mapping[str, Pack]) -> Mapping[str, Tool]:
    """The tools that a seat has, by the name under which they are offered."""
    return whole_offer(scenario, cast, packs)[1] if seat == "agent" else own_tools(scenario, packs)


def _packs(origin: Episode, scenario: Scenario) -> Mapping[str, Pack]:
    """The packs of the scenario's worlds, by slug."""
    return catalog.packs_by_slug(sorted({world.release for world in scenario.worlds} | {origin.release.digest}))


def _read(episode_id: int) -> tuple[Episode, Scenario, list[Event]]:
    origin = Episode.objects.select_related("release", "scenario").filter(pk=episode_id).first()
    if origin is None or origin.scenario is None:
        raise CannotFork("This episode has no scenario to go on with.")
    return origin, msgspec.convert(origin.scenario.body, Scenario), read_logs([episode_id]).get(episode_id, [])
