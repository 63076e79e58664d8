"""The whole audit of a pack."""

from collections.abc import Callable, Sequence

from synthesis.engine.audit.fuzz import audit_tools
from synthesis.engine.audit.intents import audit_intents
from synthesis.engine.audit.own_side import audit_own_side
from synthesis.engine.audit.programs import audit_programs
from synthesis.engine.audit.report import AuditReport, Findings, Told, told_nobody
from synthesis.engine.audit.worlds import audit_worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.draft import Sibling
from synthesis.engine.scenarios.generate import GenerateRequest, generate
from synthesis.engine.scenarios.scenario import VARIATIONS, WorldRef
from synthesis.engine.world.interpreter import Interpreter
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash

WORLDS = 25
DRAWS_PER_VARIATION = 10
STAGES = ("programs", "worlds", "intents", "tools", "variations")
"""What an audit looks at, in this order."""
MOST_QUARANTINED = 0.25
"""Share of draws that may be quarantined before the pack as a whole is at fault."""


def audit_pack(
    pack: Pack, interpreter: Interpreter, siblings: Sequence[Sibling] = (), worlds: int = WORLDS, told: Told = told_nobody
) -> AuditReport:
    """Audit ``pack`` over ``worlds`` seeds (from 1). ``siblings`` are other domains for ``similar_tools``; ``told`` hears how far it is.
    Never raises for a fault of the pack."""
    findings = Findings()
    report = AuditReport(pack.slug, pack.digest, findings.found)
    machine = Machine(pack, interpreter)
    told("programs", 0, 1)
    audit_programs(machine, findings)
    audit_own_side(pack, findings)
    if report.errors:
        return report
    told("worlds", 0, worlds)
    report.seeds = audit_worlds(machine, list(range(1, worlds + 1)), findings)
    if not report.seeds:
        return report
    gold: dict[str, list[dict[str, object]]] = {}
    report.intents = audit_intents(machine, report.seeds, findings, gold, told)
    audit_tools(machine, report.seeds, findings, gold, report, told)
    if not report.errors:
        _variations(machine, siblings, report, findings, told)
    _completeness(pack, report, findings)
    return report


def _variations(machine: Machine, siblings: Sequence[Sibling], report: AuditReport, findings: Findings, told: Told) -> None:
    """Generate some scenarios of every variation; quarantines are findings when they are many."""
    by_ref = {sibling.world: sibling for sibling in siblings}
    sibling_of: Callable[[WorldRef], Sibling] = by_ref.__getitem__
    report.tried = DRAWS_PER_VARIATION
    quarantined: dict[str, int] = {}
    draws = 0
    for position, variation in enumerate(VARIATIONS):
        told("variations", position, len(VARIATIONS))
        for seed in range(DRAWS_PER_VARIATION):
            request = GenerateRequest(machine.pack.digest, variation, seed, report.seeds, siblings=list(by_ref), simulated=True)
            try:
                reply = generate(request, machine, sibling_of)
            except Crash as crash:
                findings.error(
                    crash.place,
                    f"fails in a {variation} scenario: {crash.said}",
                    "Mend the program or the data it meets.",
                )
                break
            report.variations[variation] = report.variations.get(variation, 0) + (reply.scenario is not None)
            draws += reply.tries
            for reason, n in reply.reasons.items():
                if reason.startswith("quarantined"):
                    label = f"{reason} ({reply.examples.get(reason, '')})"
                    quarantined[label] = quarantined.get(label, 0) + n
            if reply.scenario is None and seed >= 2 and report.variations[variation] == 0:
                break
    report.variations = {variation: n for variation, n in report.variations.items() if n}
    for label, n in quarantined.items():
        if n > MOST_QUARANTINED * draws / len(VARIATIONS):
            findings.error(
                "intents", f"{n} draws were {label}.", "Make the write matter: change rows that are compared, tell something new."
            )
        else:
            findings.warning("intents", f"{n} of {draws} draws were {label}.", "Fine if rare.")


def _completeness(pack: Pack, report: AuditReport, findings: Findings) -> None:
    """What a full pack holds besides being sound (docs/pack-format.md)."""
    complete = [i for i in pack.intents.values() if i.expect == "complete"]
    effects = {tool.effect for tool in pack.tools.values()}
    wanted = [
        (len(pack.tables) >= 3, "tables", f"{len(pack.tables)} tables.", "A world that people believe in has five or more."),
        (
            len(pack.tools) >= 6 and len(effects) == 2,
            "tools",
            f"{len(pack.tools)} tools with effects {sorted(effects)}.",
            "Give eight or more, reads and writes.",
        ),
        (len(pack.policy) >= 4, "policy", f"{len(pack.policy)} rules.", "Give six or more, most with checks."),
        (len(pack.intents) >= 4, "intents", f"{len(pack.intents)} intents.", "Give six or more."),
        (any(i.changes for i in complete), "intents", "no intent has changes.", "Add changes to one, so that users can change their mind."),
        (any(i.twins for i in complete), "intents", "no intent has twins.", "Add twins to one, so that descriptions can be ambiguous."),
        (any(i.preference for i in complete), "intents", "no intent has a preference variation.", "Add variations.preference to one."),
    ]
    for fine, place, problem, remedy in wanted:
        if not fine:
            findings.warning(place, problem, remedy)
    if report.variations:
        missing = [variation for variation in VARIATIONS if variation not in report.variations]
        if missing:
            findings.warning("intents", f"no scenarios of {', '.join(missing)}.", "See docs/pack-format.md for what each needs.")
