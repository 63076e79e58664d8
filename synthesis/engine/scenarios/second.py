"""A second wish of the same person in another domain: a world of its own beside the first, with its own tools and policy.

The two worlds stand at the same moment, and the person bears the same name in both. What they say of themselves in one (a postcode) they
do not say otherwise in the other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.discrimination import require_discrimination
from synthesis.engine.scenarios.draft import Draft, Ground, Second
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import OfferedTool, Wish, WorldRef
from synthesis.engine.scenarios.wishes import bind
from synthesis.engine.tools import Requestor
from synthesis.engine.world.machine import Machine
from synthesis.engine.world.programs import Crash
from synthesis.engine.world.rows import Setting

CARRIERS: frozenset[str] = frozenset(
    {"plain", "gradual", "wrong_value", "switched_topic", "preference", "ambiguous_record", "faulty_tools", "long_haul"}
)
"""Variations whose scenarios can have a further wish in another domain: those that are completed, wish after wish, with own tools only."""


NAMES = frozenset({"full_name", "first_name", "last_name", "email"})
"""Makers of columns that go with a person."""


def add_second(ground: Ground, draft: Draft, others: Sequence[WorldRef], machine_of: Callable[[str], Machine]) -> None:
    """Add to ``draft`` a wish in one of the worlds ``others``: of a related domain if there is one. Raises Unfit."""
    related = {tie.domain for tie in ground.pack.related}
    near = [ref for ref in others if ref.domain in related] or [ref for ref in others if ref.domain != ground.pack.slug]
    if not near:
        raise Unfit("no other domain")
    ref = ground.rng.choice(near)
    machine = machine_of(ref.release)
    stranger = _ground(ground, machine, ref.seed, Setting(ground.world.now))
    intent = stranger.intent(stranger.complete_intents())
    key = stranger.pack.caller_key(bind(machine, stranger.state(), intent, ground.rng).bindings)
    values = _same_names(ground.pack, draft.wishes[0].bindings[ground.pack.caller.name], stranger.pack)
    there = _ground(ground, machine, ref.seed, Setting(ground.world.now, key, values))
    run = there.run()
    outcome = there.complete(run, intent, {"caller": there.world.tables[there.pack.caller.table][key].values, "earlier": []})
    _require_one_person(ground.pack, draft.wishes, there.pack, outcome.wish)
    require_discrimination(there, Draft([outcome.wish], run.state, run))
    draft.wishes = [*draft.wishes, msgspec.structs.replace(outcome.wish, domain=there.pack.slug)]
    draft.second = Second(msgspec.structs.replace(ref, setting=there.setting), there.pack, run.state)


def second_tools(second: Second, taken: Sequence[OfferedTool], side: Requestor = "agent") -> list[OfferedTool]:
    """The tools that the other domain gives one side, under names that are free beside ``taken``."""
    names = {offered.name for offered in taken}
    slug = second.pack.slug
    return [
        OfferedTool(f"{slug}_{name}"[:64] if name in names else name, slug, name)
        for name, tool in second.pack.tools.items()
        if tool.requestor == side
    ]


def _ground(ground: Ground, machine: Machine, seed: int, setting: Setting) -> Ground:
    """The other domain in a setting. Worlds were audited each at a moment of its own, so this one has to show again that it is sound."""
    there = Ground(machine, seed, ground.rng, simulated=ground.simulated, setting=setting)
    try:
        broken = machine.violated(there.state())
    except Crash as crash:
        raise Unfit("the other world cannot stand at this moment", str(crash)) from None
    if broken:
        raise Unfit("the other world cannot stand at this moment", broken)
    return there


def _fakes(pack: Pack) -> dict[str, str]:
    """The columns of the caller's table that hold names, with the kind of each."""
    columns = pack.tables[pack.caller.table].columns
    return {name: kind for name, column in columns.items() if (kind := str((column.make or {}).get("fake", ""))) in NAMES}


def _same_names(pack: Pack, row: Mapping[str, Any], other: Pack) -> dict[str, Any]:
    """The names of the person of ``row`` as the caller's table of ``other`` keeps them."""
    known = {kind: str(row[column]) for column, kind in _fakes(pack).items()}
    if "full_name" in known:
        first, _, last = known["full_name"].partition(" ")
        known = {"first_name": first, "last_name": last, **known}
    elif {"first_name", "last_name"} <= known.keys():
        known["full_name"] = f"{known['first_name']} {known['last_name']}"
    return {column: known[kind] for column, kind in _fakes(other).items() if kind in known}


def _require_one_person(pack: Pack, wishes: Sequence[Wish], other: Pack, last: Wish) -> None:
    """What the user says of themselves under the same key is the same in both domains."""
    here = {key: value for wish in wishes for key, value in _said_of_oneself(pack, wish).items()}
    for key, value in _said_of_oneself(other, last).items():
        if here.get(key, value) != value:
            raise Unfit("the person would have to say two things of themselves", key)


def _said_of_oneself(pack: Pack, wish: Wish) -> dict[str, Any]:
    """The facts of ``wish`` that are taken from the caller's own row."""
    path = f"{pack.caller.name}."
    own = [key for key, knows in pack.intents[wish.intent].knows.items() if isinstance(knows.value, str) and path in knows.value]
    return {fact.key: fact.value for fact in wish.facts if fact.key in own}
