"""Generating scenarios: a seeded world, a variation, a proof that it discriminates, a digest.

The same request gives the same reply, byte for byte, in any process.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.difficulty import difficulty
from synthesis.engine.scenarios.discrimination import require_discrimination
from synthesis.engine.scenarios.draft import Draft, Ground, Sibling
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import OfferedTool, Scenario, WorldRef
from synthesis.engine.scenarios.second import add_second, second_tools
from synthesis.engine.scenarios.variations import DERIVE
from synthesis.engine.world.delta import joint_digest, placed
from synthesis.engine.world.machine import Machine

TRIES = 40
"""Draws (world, intent, records) per request before it is given up."""


class GenerateRequest(msgspec.Struct, frozen=True):
    """One scenario wanted: a release by digest, a variation, a randomness, the audited world seeds to draw from, digests not to repeat,
    and worlds of other
    domains whose tools may be offered beside (``similar_tools``). ``intent`` narrows to one intent. ``simulated``: somebody answers
    simulated tools, so they may be offered and needed. ``seconds``: worlds of other domains, in one of which the last wish is to be."""

    release: str
    variation: str
    seed: int
    seeds: list[int]
    avoid: list[str] = []
    siblings: list[WorldRef] = []
    intent: str | None = None
    simulated: bool = False
    seconds: list[WorldRef] = []


class GenerateReply(msgspec.Struct, frozen=True):
    """The scenario, or None; how many draws it took; why the others were dropped (reason -> count); an example of each reason; pack
    faults met."""

    scenario: Scenario | None
    tries: int
    reasons: dict[str, int] = {}
    examples: dict[str, str] = {}


def generate(
    request: GenerateRequest,
    machine: Machine,
    sibling_of: Callable[[WorldRef], Sibling],
    machine_of: Callable[[str], Machine] | None = None,
) -> GenerateReply:
    """Generate one scenario; ``machine_of`` gives the machine of another domain's release, for ``seconds``. Pack faults (Crash) pass
    through: an audited pack has none.
    """
    reasons: dict[str, int] = {}
    examples: dict[str, str] = {}
    avoid = frozenset(request.avoid)
    siblings = [sibling_of(ref) for ref in request.siblings] if request.variation == "similar_tools" else []
    if not request.simulated:
        siblings = [msgspec.structs.replace(sibling, pack=sibling.pack.without_simulated()) for sibling in siblings]
    for attempt in range(TRIES):
        try:
            scenario = _attempt(request, machine, siblings, attempt, machine_of)
            if scenario.digest in avoid:
                raise Unfit("already used")
            return GenerateReply(scenario, attempt + 1, reasons, examples)
        except Unfit as unfit:
            reasons[unfit.reason] = reasons.get(unfit.reason, 0) + 1
            examples.setdefault(unfit.reason, unfit.detail)
    return GenerateReply(None, TRIES, reasons, examples)


def _attempt(
    request: GenerateRequest,
    machine: Machine,
    siblings: Sequence[Sibling],
    attempt: int,
    machine_of: Callable[[str], Machine] | None,
) -> Scenario:
    rng = rng_for(request.seed, request.variation, attempt)
    seed = rng.choice(request.seeds)
    ground = Ground(machine, seed, rng, siblings, request.intent, request.simulated)
    draft = DERIVE[request.variation](ground)
    require_discrimination(ground, draft)
    if request.seconds and machine_of:
        add_second(ground, draft, request.seconds, machine_of)
    return finish(ground, draft, request.variation)


def finish(ground: Ground, draft: Draft, variation: str) -> Scenario:
    """The scenario of a proven draft."""
    pack = ground.pack
    world = WorldRef(pack.slug, ground.machine.pack.digest, ground.seed)
    tools = [OfferedTool(name, pack.slug, name) for name in pack.agent_tools if name not in draft.withheld_tools]
    user_tools = [OfferedTool(name, pack.slug, name) for name in pack.user_tools]
    callers = {pack.slug: pack.caller_key(draft.wishes[0].bindings)} if user_tools else {}
    for offered in draft.distractors:
        tools.insert(ground.rng.randrange(len(tools) + 1), offered)
    worlds = [world, *draft.distractor_worlds]
    expected, digest = draft.final.net_delta(), draft.final.digest()
    packs = {"": pack}
    if second := draft.second:
        tools += second_tools(second, [*tools, *user_tools])
        if second.pack.user_tools:
            user_tools += second_tools(second, [*tools, *user_tools], side="user")
            callers[second.pack.slug] = second.pack.caller_key(draft.wishes[-1].bindings)
        worlds.append(second.world)
        there = second.final.net_delta()
        expected = [*expected, *placed(there, second.pack.slug, pack.slug)]
        digest = joint_digest(digest, {second.pack.slug: second.final.digest()} if there else {})
        packs[second.pack.slug] = second.pack
    complexities = [packs[wish.domain].intents[wish.intent].complexity for wish in draft.wishes]
    return Scenario(
        digest=_digest(world, draft, variation, tools),
        worlds=worlds,
        variation=variation,
        wishes=draft.wishes,
        tools=tools,
        expected=expected,
        expected_digest=digest,
        difficulty=difficulty(draft, variation, complexities),
        faults=draft.faults,
        at_once=draft.at_once,
        now=ground.world.now,
        user_tools=user_tools,
        callers=callers,
    )


def _digest(world: WorldRef, draft: Draft, variation: str, tools: list[OfferedTool]) -> str:
    """sha256 over intent, bound values, the script of the variation (what the user will do differently) and the tools on offer."""
    script = [
        [
            w.intent,
            w.bindings,
            sorted(w.withheld),
            sorted(w.hides),
            w.wrong,
            w.change and [w.change.when, w.change.facts],
            w.choice and w.choice.key,
            w.refusal,
        ]
        for w in draft.wishes
    ]
    content: list[Any] = [world, variation, script, draft.faults, tools, draft.distractor_worlds, draft.at_once]
    if draft.second:
        content.append(draft.second.world)
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
