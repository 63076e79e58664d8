"""Scripted plays of catalogue scenarios, judged: what was done right passes, every slip fails for its reason, rows replay."""

import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import TypeAdapter

import judging
import synthesis
from judging.engine.assessment import Assessment, Assessor, FinishedEpisode
from judging.engine.formats.canonical import conversation
from judging.engine.formats.record import JudgementSheet, Record
from judging.engine.formats.registry import FORMATS
from judging.engine.rubric_text import read_rubric
from judging.engine.slips import caught
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import Outcome, play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.participants.cast import SLIPS, AgentProfile, Cast, Persona
from synthesis.engine.participants.factory import sample_cast, system_prompt
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import VARIATIONS, Scenario, WorldRef
from synthesis.engine.world.machine import Machine

CATALOG = Path(synthesis.__path__[0]) / "catalog"
DOMAINS = ("public_library", "bank_cards")


class MemoryLog:
    """A log in memory."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def append(self, events: Any) -> None:
        self.events += events


class Played(msgspec.Struct):
    """One judged play."""

    scenario: Scenario
    cast: Cast
    events: list[Event]
    outcome: Outcome
    assessment: Assessment


@cache
def packs() -> dict[str, Pack]:
    return {slug: parse_pack((CATALOG / "packs" / f"{slug}.yaml").read_text("utf-8")) for slug in DOMAINS}


@cache
def worlds() -> LocalWorlds:
    return LocalWorlds({pack.digest: pack for pack in packs().values()}.__getitem__, StarlarkInterpreter())


@cache
def people() -> tuple[list[Persona], list[AgentProfile]]:
    def read(name: str, kind: Any) -> Any:
        return msgspec.convert(yaml.safe_load((CATALOG / name).read_text("utf-8")), list[kind], strict=False)

    return read("personas.yaml", Persona), read("agents.yaml", AgentProfile)


@cache
def assessor() -> Assessor:
    return Assessor(read_rubric((Path(judging.__path__[0]) / "catalog" / "rubrics" / "starter.yaml").read_text("utf-8")))


async def played(domain: str, variation: str, seed: int, slip: str | None = None) -> Played | None:
    pack = packs()[domain]
    siblings = [WorldRef(other.slug, other.digest, 1) for other in packs().values() if other is not pack]
    reply = await worlds().generate(GenerateRequest(pack.digest, variation, seed, [1, 2], siblings=siblings))
    if reply.scenario is None:
        return None
    cast, _ = sample_cast(seed, seed, *people(), 0.0)
    environment = await worlds().open(reply.scenario)
    log = MemoryLog()
    outcome = await play(
        user=ScriptedUser(reply.scenario, cast, packs(), starter_wording(), seed),
        agent=ScriptedAgent(reply.scenario, cast, packs(), starter_wording(), seed, slip),
        environment=environment,
        log=log,
        limits=Limits(),
        clock=lambda: 0.0,
        opening={"domain": domain, "scenario": reply.scenario.digest, "cast": msgspec.to_builtins(cast), "digest": environment.digest},
    )
    assessment = await assessor().assess(FinishedEpisode(seed, reply.scenario, log.events), worlds(), packs())
    return Played(reply.scenario, cast, log.events, outcome, assessment)


def plays(variation: str, seeds: range, slip: str | None = None) -> Iterator[Played]:
    for domain in DOMAINS:
        for seed in seeds:
            found = asyncio.run(played(domain, variation, seed, slip))
            if found is not None:
                yield found


def words(one: Played) -> str:
    said = "\n".join(f"{e.seq} {e.head}" for e in one.events)
    return (
        f"{one.scenario.domain} {one.scenario.variation}\n{said}\n{[(r.id, r.reason) for r in one.assessment.judged.results if r.failed]}"
    )


@pytest.mark.parametrize("variation", VARIATIONS)
def test_unslipped_plays_pass_and_score_high(variation: str) -> None:
    found = list(plays(variation, range(40, 43)))
    assert found
    for one in found:
        judged = one.assessment.judged
        assert judged.passed, words(one)
        assert judged.overall is not None
        assert judged.overall >= 4.5
        assert one.assessment.flaw == ""
        assert judged.process_credit == 1.0, words(one)


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_fail_for_their_reason(slip: str) -> None:
    made = 0
    for variation in ("plain", "gradual", "wrong_value", "forbidden", "faulty_tools", "switched_topic"):
        for one in plays(variation, range(50, 52), slip):
            if one.outcome.slip is None or one.outcome.slip["kind"] != slip:
                continue
            made += 1
            judged = one.assessment.judged
            assert not judged.passed, words(one)
            assert caught(slip, judged.results), f"{one.outcome.slip}\n{words(one)}"
            assert judged.overall is not None
            assert judged.overall < 4.5
            assert judged.failure is not None
            assert judged.failure.party == "agent", words(one)
    assert made, f"{slip} was never made"


@pytest.mark.parametrize("variation", ["plain", "faulty_tools", "similar_tools", "several_at_once", "changed_mind"])
def test_exported_rows_load_and_replay_to_the_recorded_digest(variation: str) -> None:
    for one in plays(variation, range(60, 62)):
        record = record_of(one)
        chat = msgspec.json.decode(next(FORMATS["openai"].lines(record)))
        TypeAdapter(list[ChatCompletionMessageParam]).validate_python(chat["messages"])
        TypeAdapter(list[ChatCompletionToolParam]).validate_python(chat["tools"])
        assert replayed(msgspec.json.decode(next(FORMATS["trajectories"].lines(record)))), words(one)


def record_of(one: Played) -> Record:
    trajectory = read_trajectory(one.events)
    tools = {offered.name: packs()[offered.domain].tools[offered.tool] for offered in one.scenario.tools}
    prompt = system_prompt(one.cast.agent, packs()[one.scenario.domain], one.cast.persona.language, one.scenario.now)
    sheet = JudgementSheet("programmatic", "v", "starter", "r", one.assessment.judged.overall, 1.0, [], {})
    return Record(0, 1, 1, one.scenario, one.cast, trajectory, conversation(trajectory), prompt, tools, sheet)


def replayed(row: dict[str, Any]) -> bool:
    """Whether the row's calls, made in a fresh world of its seed, end in its final digest. Uses nothing but the row and its release."""
    pack = packs()[row["domain"]]
    assert pack.digest == row["release"]
    machine = Machine(pack, StarlarkInterpreter())
    state = machine.state(row["worlds"][0]["seed"])
    own = {offered["name"]: offered["tool"] for offered in row["offered"] if offered["domain"] == row["domain"]}
    for call in row["calls"]:
        struck = call["fault"] is not None and "error" in call and not call["fault"]["took_place"]
        if call["name"] in own and not struck:
            machine.call(state, own[call["name"]], call["arguments"])
    return bool(state.digest() == row["final_digest"])
