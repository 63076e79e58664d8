"""The plan of a run: which domain and which variation every episode plays, and the seed it plays with.

A pure function of its arguments, so the same seed plans the same run on any machine with any number of workers.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence, Set

import msgspec

from synthesis.engine.randomness import rng_for
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.engine.scenarios.second import CARRIERS

EPISODES_PER_WORLD = 16
LEAST_WORLDS = 3


class Slot(msgspec.Struct, frozen=True):
    """One planned episode. ``index`` is dense from 0; ``seed`` feeds both seats and, of the first play of a scenario, its generation.

    ``agent`` is the place of its agent among those that are compared. ``draw`` is the index by which its cast is drawn: plays of one
    scenario that differ only in the agent share it, and so the seed.
    """

    index: int
    domain: str
    variation: str
    seed: int
    draw: int
    agent: int = 0


def episode_seed(seed: int, index: int) -> int:
    """The seed of episode ``index`` of a run with ``seed``: 63 bits, so that it fits every database's integer."""
    digest = hashlib.sha256(f"{seed}:episode:{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def world_seeds(seed: int, domain: str, episodes: int, audited: Sequence[int]) -> list[int]:
    """The audited world seeds from which a run draws for ``domain``: one for every EPISODES_PER_WORLD episodes, at least LEAST_WORLDS, in
    order.

    Making a base world costs as much as playing an episode, so a small run does not touch them all.
    """
    wanted = min(len(audited), max(LEAST_WORLDS, -(-episodes // EPISODES_PER_WORLD)))
    return sorted(rng_for(seed, "worlds", domain).sample(sorted(audited), wanted))


def has_second(seed: int, place: int, variation: str, share: float) -> bool:
    """Whether the scenario at ``place`` (its number in the run) has a last wish in another domain: so many of those that can have one."""
    return share > 0 and variation in CARRIERS and rng_for(seed, "second", place).random() < share


def missing_variations(available: Mapping[str, Set[str]], wanted: Sequence[str]) -> list[str]:
    """The wanted variations that none of the domains supports."""
    return [variation for variation in wanted if not any(variation in offers for offers in available.values())]


def plan(
    seed: int, episodes: int, available: Mapping[str, Set[str]], wanted: Sequence[str] = VARIATIONS, *, plays: int = 1, agents: int = 1
) -> list[Slot]:
    """Plan ``episodes`` slots over the domains of ``available`` (slug to supported variations).

    Each scenario is played ``plays`` times by each of so many ``agents``; ``episodes`` is a multiple of their product. The plays of a
    scenario follow each other, agent by agent, so the first of them has an index divisible by that product.

    Domains and variations are each used as evenly as what they support allows, and a variation that any domain supports occurs as long
    as there are episodes enough for one of each; the order is shuffled. Raises ValueError when no domain supports any wanted variation.
    """
    offers = {domain: [v for v in wanted if v in supported] for domain, supported in sorted(available.items())}
    offers = {domain: variations for domain, variations in offers.items() if variations}
    if not offers:
        raise ValueError("none of these domains supports any of these variations")
    each = plays * agents
    if episodes % each:
        raise ValueError(f"{episodes} episodes are no multiple of {each}")
    rng = rng_for(seed, "plan")
    domains = rng.sample(list(offers), len(offers))
    ranks = {variation: rank for rank, variation in enumerate(rng.sample(list(wanted), len(wanted)))}
    pairs = _pairs(episodes // each, domains, offers, ranks)
    rng.shuffle(pairs)
    slots: list[Slot] = []
    for place, (domain, variation) in enumerate(pairs):
        for agent in range(agents):
            for draw in range(place * each, place * each + plays):
                slots.append(Slot(len(slots), domain, variation, episode_seed(seed, draw), draw, agent))
    return slots


def _pairs(episodes: int, domains: Sequence[str], offers: Mapping[str, list[str]], ranks: Mapping[str, int]) -> list[tuple[str, str]]:
    """First each variation once, the rarest first; then always the least used domain and its least used variation."""
    by_domain: Counter[str] = Counter()
    by_variation: Counter[str] = Counter()
    by_pair: Counter[tuple[str, str]] = Counter()
    pairs: list[tuple[str, str]] = []

    def take(domain: str, variation: str) -> None:
        by_domain[domain] += 1
        by_variation[variation] += 1
        by_pair[domain, variation] += 1
        pairs.append((domain, variation))

    carriers = {v: [d for d in domains if v in offers[d]] for v in ranks}
    rarest_first = sorted((v for v in ranks if carriers[v]), key=lambda v: (len(carriers[v]), ranks[v]))
    for variation in rarest_first[:episodes]:
        take(min(carriers[variation], key=lambda d: by_domain[d]), variation)
    while len(pairs) < episodes:
        domain = min(domains, key=lambda d: by_domain[d])
        take(domain, min(offers[domain], key=lambda v: (by_variation[v], by_pair[domain, v], ranks[v])))
    return pairs
