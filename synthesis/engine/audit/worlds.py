"""Worlds seed, their references and invariants hold, and the same seed gives the same digest."""

from synthesis.engine.audit.report import Findings
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.rows import BaseWorld

MOST_ROWS = 5_000


def audit_worlds(machine: Machine, seeds: list[int], findings: Findings) -> list[int]:
    """The seeds whose worlds are sound."""
    sound = []
    for seed in seeds:
        try:
            world = machine.world(seed)
            broken = dangling(machine, world) or machine.violated(machine.state(seed))
        except Crash as crash:
            findings.error(crash.place, f"fails on world {seed}: {crash.said}", "Mend the program or the data it meets.")
            continue
        if broken:
            findings.error("seed", f"world {seed} breaks an invariant: {broken}.", "Mend the seed program, the makers or the invariant.")
        elif sum(map(len, world.tables.values())) > MOST_ROWS:
            findings.error("tables", f"world {seed} has more than {MOST_ROWS:,} rows.", "Make fewer rows; a few hundred are enough.")
        else:
            sound.append(seed)
    if sound and machine.seeded(sound[0]).digest != machine.world(sound[0]).digest:
        findings.error(
            "seed", "the same seed gives different worlds.", "Do not depend on the order of a dict that is filled in random order."
        )
    for name in machine.pack.tables:
        if sound and not any(machine.world(seed).tables[name] for seed in sound):
            findings.warning(f"tables.{name}", "is empty in every world.", "Give it rows, or make them in seed, unless tools fill it.")
    return sound


def dangling(machine: Machine, world: BaseWorld) -> str | None:
    """A reference that leads nowhere, in words, or None."""
    for name, rows in world.tables.items():
        for column, target in machine.tables.refs[name]:
            for key, row in rows.items():
                value = row.values[column]
                if value is not None and value not in world.tables[target]:
                    return f"{name} {key}.{column} points to {target} {value}, which does not exist"
    return None
