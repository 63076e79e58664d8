"""Which damage the programmatic judge finds: passing plays of programs in every domain, damaged in nine ways, played again or cut open."""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

import judging
import synthesis
from judging.engine.assessment import Assessor, FinishedEpisode
from judging.engine.calibration.report import LEAST_LABELS
from judging.engine.mutation.mutate import Method, Mutator
from judging.engine.mutation.subject import Subject
from judging.engine.rubric_text import read_rubric
from judging.engine.slips import caught
from judging.engine.statistics.rates import share
from judging.engine.statistics.result import Estimate
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.factory import sample_cast
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import VARIATIONS, WorldRef

CATALOG = Path(synthesis.__path__[0]) / "catalog"


class _Memory:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def append(self, events: list[Event]) -> None:
        self.events += events


class Bench:
    """Worlds of every pack, the people of the catalogue, the programmatic judge."""

    def __init__(self) -> None:
        texts = [path.read_text("utf-8") for path in sorted((CATALOG / "packs").glob("*.yaml"))]
        self.packs: dict[str, Pack] = {pack.slug: pack for pack in map(parse_pack, texts)}
        self.worlds = LocalWorlds({pack.digest: pack for pack in self.packs.values()}.__getitem__, StarlarkInterpreter())
        self.personas = msgspec.convert(yaml.safe_load((CATALOG / "personas.yaml").read_text("utf-8")), list[Persona], strict=False)
        self.agents = msgspec.convert(yaml.safe_load((CATALOG / "agents.yaml").read_text("utf-8")), list[AgentProfile], strict=False)
        rubric = Path(judging.__path__[0]) / "catalog" / "rubrics" / "starter.yaml"
        self.assessor = Assessor(read_rubric(rubric.read_text("utf-8")))

    def wanted(self) -> Iterator[tuple[str, str, int]]:
        """Domain, variation and seed, every pair in turn."""
        for seed in range(1, 10_000):
            for number, variation in enumerate(VARIATIONS):
                yield list(self.packs)[(seed + number) % len(self.packs)], variation, seed

    async def subject(self, domain: str, variation: str, seed: int) -> Subject | None:
        """One whole play; None where the domain has no such scenario."""
        pack = self.packs[domain]
        siblings = [WorldRef(other.slug, other.digest, 1) for other in self.packs.values() if other is not pack]
        reply = await self.worlds.generate(GenerateRequest(pack.digest, variation, seed, [1, 2, 3], siblings=siblings))
        if reply.scenario is None:
            return None
        cast, _ = sample_cast(seed, seed, self.personas, self.agents, 0.0)
        environment, log = await self.worlds.open(reply.scenario), _Memory()
        await play(
            user=ScriptedUser(reply.scenario, cast, self.packs, starter_wording(), seed),
            agent=ScriptedAgent(reply.scenario, cast, self.packs, starter_wording(), seed),
            environment=environment,
            log=log,  # type: ignore[arg-type]
            limits=Limits(),
            clock=lambda: 0.0,
            opening={"domain": domain, "scenario": reply.scenario.digest, "cast": msgspec.to_builtins(cast), "digest": environment.digest},
        )
        return Subject(seed, reply.scenario, cast, seed, log.events)

    async def passes(self, subject: Subject, events: list[Event], kind: str = "") -> tuple[bool, bool]:
        """Whether the judge lets a play through, and whether it named this kind of damage."""
        assessment = await self.assessor.assess(FinishedEpisode(subject.episode, subject.scenario, events), self.worlds, self.packs)
        judged = assessment.judged
        return judged.passed and not judged.hard, bool(kind) and caught(kind, judged.results)


def told(hits: int, of: int) -> str:
    """A share with its interval."""
    found = share(hits, of)
    if not isinstance(found, Estimate):
        return found.words
    return f"{hits:5d} of {of:5d}  {100 * found.value:6.2f} %  [{100 * (found.low or 0):.2f}, {100 * (found.high or 0):.2f}]"


async def measure(episodes: int, methods: list[Method]) -> None:
    """Play, judge, damage, judge again; print shares with Wilson intervals."""
    bench, subjects, whole, started = Bench(), list[Subject](), 0, time.perf_counter()
    for domain, variation, seed in bench.wanted():
        if len(subjects) == episodes:
            break
        subject = await bench.subject(domain, variation, seed)
        if subject is not None:
            subjects.append(subject)
            whole += (await bench.passes(subject, list(subject.events)))[0]
    print(f"{episodes} plays of programs without a slip, {len(bench.packs)} domains")
    print(f"whole plays passed     {told(whole, len(subjects))}")
    mutator = Mutator(bench.worlds, bench.packs, starter_wording())
    for method in methods:
        of, found, named = Counter[str](), Counter[str](), Counter[str]()
        for subject in subjects:
            for mutant in await mutator.mutants(subject, method):
                passed, was_named = await bench.passes(subject, mutant.events, mutant.kind)
                of[mutant.kind] += 1
                found[mutant.kind] += not passed
                named[mutant.kind] += was_named
                if passed:
                    print(f"missed: {mutant.kind} in {subject.scenario.domain}, {subject.scenario.variation}: {mutant.note}")
        print(f"\n{method}")
        for kind in of:
            few = "" if of[kind] >= LEAST_LABELS else "  (few)"
            print(f"{kind:22s} {told(found[kind], of[kind])}, named {named[kind]}{few}")
        print(f"{'all':22s} {told(found.total(), of.total())}, named {named.total()}")
    print(f"\n{time.perf_counter() - started:.0f} s")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=500)
    parser.add_argument("--methods", nargs="+", choices=["replay", "surgery"], default=["replay", "surgery"])
    given = parser.parse_args()
    asyncio.run(measure(given.episodes, given.methods))


if __name__ == "__main__":
    main()
