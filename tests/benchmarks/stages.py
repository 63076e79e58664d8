"""Where the time of an episode goes, in CPU time of one process: generation, the seats, the worlds, judging. No database, no processes
between.
"""

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from judging.engine.assessment import Assessor, FinishedEpisode
from judging.engine.rubric_text import read_rubric
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.adapters.starter_files import agent_profiles, pack_files, personas
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.play import play
from synthesis.engine.episode.ports import Limits
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.participants.factory import sample_cast
from synthesis.engine.participants.scripted_agent import ScriptedAgent
from synthesis.engine.participants.scripted_user import ScriptedUser
from synthesis.engine.participants.wording import starter_wording
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import VARIATIONS, WorldRef

SEEDS = [1, 2, 3]


class Stopwatch:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def wrap(self, thing: Any, method: str, stage: str) -> None:
        """Time the async ``method`` of ``thing``."""
        original = getattr(thing, method)

        async def timed(*arguments: Any, **named: Any) -> Any:
            started = time.process_time()
            try:
                return await original(*arguments, **named)
            finally:
                self.seconds[stage] += time.process_time() - started

        setattr(thing, method, timed)


class MemoryLog:
    """A log in memory."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def append(self, events: Sequence[Event]) -> None:
        """Keep them."""
        self.events.extend(events)


async def run(episodes: int) -> dict[str, float]:
    """Play ``episodes`` over all domains and variations; seconds by stage."""
    packs: dict[str, Pack] = {pack.slug: pack for pack in (parse_pack(path.read_text("utf-8")) for path in pack_files())}
    worlds = LocalWorlds({pack.digest: pack for pack in packs.values()}.__getitem__, StarlarkInterpreter())
    people, profiles, wording = personas(), agent_profiles(), starter_wording()
    assessor = Assessor(read_rubric((pack_files()[0].parents[3] / "judging/catalog/rubrics/starter.yaml").read_text("utf-8")))
    watch = Stopwatch()
    started = time.process_time()
    for pack in packs.values():
        for seed in SEEDS:
            worlds.room.machine(pack.digest).world(seed)
    watch.seconds[f"seeding {len(packs) * len(SEEDS)} worlds (once)"] = time.process_time() - started
    watch.wrap(worlds, "generate", "generation")
    watch.wrap(worlds, "open", "worlds")
    watch.wrap(worlds, "verify", "replay for judging")
    for index in range(episodes):
        pack = list(packs.values())[index % len(packs)]
        variation = VARIATIONS[(index // len(packs) + index) % len(VARIATIONS)]
        siblings = [WorldRef(other.slug, other.digest, 1) for other in packs.values() if other is not pack][:4]
        reply = await worlds.generate(GenerateRequest(pack.digest, variation, index, SEEDS, siblings=siblings))
        if reply.scenario is None:
            continue
        cast, _ = sample_cast(1, index, people, profiles, 0.0)
        environment, log = await worlds.open(reply.scenario), MemoryLog()
        user = ScriptedUser(reply.scenario, cast, packs, wording, cast.seed)
        agent = ScriptedAgent(reply.scenario, cast, packs, wording, cast.seed)
        for thing, method, stage in ((user, "act", "user"), (agent, "act", "agent"), (environment, "call", "worlds")):
            watch.wrap(thing, method, stage)
        opening = {"domain": pack.slug, "variation": variation, "cast": msgspec.to_builtins(cast), "digest": environment.digest}
        started = time.process_time()
        await play(user=user, agent=agent, environment=environment, log=log, limits=Limits(), clock=time.monotonic, opening=opening)
        watch.seconds["playing, all"] += time.process_time() - started
        started = time.process_time()
        await assessor.assess(FinishedEpisode(index, reply.scenario, log.events), worlds, packs)
        watch.seconds["judging, all"] += time.process_time() - started
    return watch.seconds


def main() -> None:
    """Print milliseconds per episode by stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=200)
    episodes = parser.parse_args().episodes
    for stage, seconds in sorted(asyncio.run(run(episodes)).items(), key=lambda entry: -entry[1]):
        sys.stdout.write(f"{stage:32} {1000 * seconds / episodes:8.2f} ms per episode\n")


if __name__ == "__main__":
    main()
