"""Forks: an episode of a run of its own that goes on from a step of another one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db import transaction

from synthesis.engine.episode.events import Event, clip
from synthesis.engine.episode.play import agent_draft, mid_turn, seat_to_move, user_draft
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.participants.cast import AgentProfile, Cast, Persona
from synthesis.engine.participants.forking import CannotFork, FaultChoice, fork_note, kinds_for, prefix_of, with_faults
from synthesis.engine.participants.person import PERSON
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import AgentProfile as AgentProfileRow
from synthesis.models import Budget, Episode, EpisodeStatus, EpisodeTruth, Run, RunStatus, Tool
from synthesis.models import Event as EventRow
from synthesis.models import Persona as PersonaRow
from synthesis.models import Scenario as ScenarioRow
from synthesis.services.claims import read_logs
from synthesis.services.gate import budget_set
from synthesis.services.prompts import prompts_needed, prompts_pin
from synthesis.services.seats import limits_going_on, share_of


def episode_fork(
    *,
    episode_id: int,
    seq: int,
    now: datetime,
    persona: str = "",
    agent: str = "",
    seats: Mapping[str, str] | None = None,
    faults: FaultChoice = FaultChoice(),  # noqa: B008 - immutable
    started_by: str = "",
    first: UserMove | AgentMove | None = None,
    into: tuple[Run, int] | None = None,
) -> Episode:
    """Start a run of one episode whose log begins with the events up to ``seq`` of another one; it waits when a person is to move.

    ``persona`` and ``agent`` are slugs of who goes on (as before when empty); ``seats`` may name who plays ``user`` and ``agent``. The seed
    and a planned slip stay; but with ``first``, the move that corrects the event after ``seq``, nobody slips any more. ``into`` adds the
    episode, at that index, to a run that is being made, instead. Raises CannotFork.
    """
    with transaction.atomic():
        origin = Episode.objects.select_related("run", "scenario").filter(pk=episode_id).first()
        if origin is None or origin.scenario is None:
            raise CannotFork("This episode has no scenario to go on with.")
        prefix = prefix_of(read_logs([origin.pk]).get(origin.pk, []), seq)
        cast = _cast(origin, persona, agent, seats or {})
        scenario = _scenario(origin.scenario, prefix, faults)
        place = {"run_seed": origin.run.seed, "index": origin.index, "seq": seq}
        note = fork_note(prefix[-1], cast=cast, origin=place, faults=faults, corrects=None if first is None else seq + 1)
        log = [*prefix, note]
        told: dict[str, Any] = {"episode": origin.pk, "run": origin.run_id, "index": origin.index, "seq": seq}
        if first is not None:
            log.append(_first(first, log))
            told["corrects"] = seq + 1
        if into is not None:
            return _episode(into[0], origin, scenario, cast, log, now, slips=first is None, index=into[1])
        run = _run(origin, scenario, cast, told)
        run.started_by = started_by
        if cast.seats.get(seat_to_move(log)) == PERSON:
            run.status = RunStatus.PAUSED
        run.save(update_fields=["started_by", "status"])
        return _episode(run, origin, scenario, cast, log, now, slips=first is None)


def _first(move: UserMove | AgentMove, log: Sequence[Event]) -> Event:
    """The event of a move that follows ``log``. Raises CannotFork when it is the other seat's turn."""
    seat = "user" if isinstance(move, UserMove) else "agent"
    if seat_to_move(log) != seat:
        raise CannotFork(f"At this step it is not the {seat}'s turn.")
    kind, head, payload, call_id = user_draft(move) if isinstance(move, UserMove) else agent_draft(move)
    return Event(log[-1].seq + 1, kind, log[-1].turn + (seat == "user" and not mid_turn(log)), clip(head), payload, call_id)


def _cast(origin: Episode, persona: str, agent: str, seats: Mapping[str, str]) -> Cast:
    cast = msgspec.convert(origin.cast, Cast)
    if persona:
        row = PersonaRow.objects.filter(slug=persona, language=cast.persona.language).first()
        if row is None:
            raise CannotFork("Choose a persona that speaks the language of this conversation.")
        cast = msgspec.structs.replace(cast, persona=msgspec.convert(row.profile, Persona))
    if agent:
        profile = AgentProfileRow.objects.filter(slug=agent).first()
        if profile is None:
            raise CannotFork("There is no such agent.")
        cast = msgspec.structs.replace(cast, agent=msgspec.convert(profile.profile, AgentProfile))
    # Who played by hand does not go on unasked.
    kept = {seat: "scripted" if who == PERSON else who for seat, who in cast.seats.items()}
    return msgspec.structs.replace(cast, seats={**kept, **seats})


def _scenario(row: ScenarioRow, prefix: Sequence[Event], choice: FaultChoice) -> ScenarioRow:
    """The scenario with the chosen faults: a row of its own where they differ from those planned."""
    scenario = msgspec.convert(row.body, Scenario)
    plan = with_faults(scenario, prefix, choice, _kinds(scenario, choice.tool) if choice.how == "one" else ())
    if plan == scenario.faults:
        return row
    digest = sha256(msgspec.json.encode([row.digest, plan])).hexdigest()
    body = msgspec.structs.replace(scenario, digest=digest, faults=plan)
    forked, _ = ScenarioRow.objects.get_or_create(
        digest=digest,
        defaults={
            "release_id": row.release_id,
            "variation": row.variation,
            "intents": row.intents,
            "difficulty": row.difficulty,
            "body": msgspec.to_builtins(body),
        },
    )
    return forked


def _kinds(scenario: Scenario, name: str) -> tuple[str, ...]:
    offered = next((tool for tool in scenario.tools if tool.name == name), None)
    if offered is None:
        return ()
    release = next(world.release for world in scenario.worlds if world.domain == offered.domain)
    effect = Tool.objects.filter(release__digest=release, name=offered.tool).values_list("effect", flat=True).first()
    return kinds_for(effect or "")


def _run(origin: Episode, scenario: ScenarioRow, cast: Cast, place: dict[str, Any]) -> Run:
    worlds = scenario.body["worlds"]
    seats = {**origin.run.seats, **cast.seats}
    limits = limits_going_on(msgspec.convert(origin.run.limits, Limits), origin.run.seats, seats)
    run = Run.objects.create(
        seed=origin.run.seed,
        episodes=1,
        releases={worlds[0]["domain"]: worlds[0]["release"]},
        siblings={worlds[0]["domain"]: worlds[1:]} if worlds[1:] else {},
        variations=[origin.variation],
        seats=seats,
        judge=origin.run.judge,
        threshold=origin.run.threshold,
        limits=msgspec.to_builtins(limits),
        prompts=prompts_pin(names=prompts_needed(seats=seats, judge=origin.run.judge), pins=origin.run.prompts),
        concurrency=1,
        options={"fork": place, **options_carried(origin.run)},
    )
    budget_carry(origin.run, run)
    return run


def options_carried(origin: Run) -> dict[str, Any]:
    """What decides who answers: a play that a simulator answered for programs, too, must not go on in another world."""
    return {name: origin.options[name] for name in ("simulate",) if name in origin.options}


def budget_carry(origin: Run, run: Run) -> None:
    """Let a run that goes on with episodes of another one spend as much on each as that one may, if it has a budget."""
    limit = Budget.objects.filter(pk=origin.pk).values_list("limit", flat=True).first()
    if limit is not None and (share := share_of(limit, origin.episodes, run.episodes)):
        budget_set(run_id=run.pk, limit=share)


def _episode(
    run: Run, origin: Episode, scenario: ScenarioRow, cast: Cast, log: Sequence[Event], now: datetime, *, slips: bool, index: int = 0
) -> Episode:
    fork = Episode.objects.create(
        run=run,
        index=index,
        release_id=origin.release_id,
        domain=origin.domain,
        variation=origin.variation,
        scenario=scenario,
        cast=msgspec.to_builtins(cast),
        seed=origin.seed,
        status=EpisodeStatus.QUEUED,
        next_seq=len(log),
    )
    EventRow.objects.bulk_create(
        EventRow(
            episode=fork,
            seq=event.seq,
            kind=event.kind,
            turn=event.turn,
            head=event.head,
            payload=event.payload,
            call_id=event.call_id,
            created=now,
        )
        for event in log
    )
    planned = EpisodeTruth.objects.filter(episode=origin).values_list("planned_slip", flat=True).first()
    if planned and slips:
        EpisodeTruth.objects.create(episode=fork, planned_slip=planned)
    return fork
