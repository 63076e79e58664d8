"""What a world costs, per domain pack: seeding it, calling a tool, generating a scenario of each variation (CPU milliseconds, this
process).
"""

import sys
import time

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.adapters.starter_files import pack_files
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.draft import Sibling
from synthesis.engine.scenarios.generate import GenerateRequest, generate
from synthesis.engine.scenarios.gold import GoldRun, Unfit
from synthesis.engine.scenarios.scenario import VARIATIONS, WorldRef
from synthesis.engine.scenarios.wishes import bind, perform
from synthesis.engine.world.machine import Machine

SEEDS = [1, 2, 3]
DRAWS = 3


def main() -> None:
    """Print one line per pack."""
    packs = [parse_pack(path.read_text("utf-8")) for path in pack_files()]
    siblings = {pack.slug: Sibling(WorldRef(pack.slug, pack.digest, 1), pack) for pack in packs}
    sys.stdout.write(f"{'pack':20} {'rows':>5} {'seed':>7} {'gold call':>10} {'scenario':>9}\n")
    for pack in packs:
        machine = Machine(pack, StarlarkInterpreter())
        machine.programs.compile_all()
        started = time.process_time()
        rows = [sum(map(len, machine.world(seed).tables.values())) for seed in SEEDS]
        seeding = (time.process_time() - started) / len(SEEDS)
        calls, started = 0, time.process_time()
        for seed in SEEDS:
            for intent in pack.intents.values():
                run = GoldRun(machine, machine.state(seed))
                try:
                    perform(run, bind(machine, run.state, intent, rng_for(seed, intent.id)))
                except Unfit:
                    continue
                calls += len(run.performed)
        calling = (time.process_time() - started) / max(1, calls)
        others = [s.world for slug, s in siblings.items() if slug != pack.slug][:4]
        started = time.process_time()
        for variation in VARIATIONS:
            for seed in range(DRAWS):
                generate(GenerateRequest(pack.digest, variation, seed, SEEDS, siblings=others), machine, lambda ref: siblings[ref.domain])
        scenario = (time.process_time() - started) / (len(VARIATIONS) * DRAWS)
        sys.stdout.write(f"{pack.slug:20} {sum(rows) // len(rows):5} {1000 * seeding:7.1f} {1000 * calling:10.2f} {1000 * scenario:9.1f}\n")


if __name__ == "__main__":
    main()
