"""Which domains stand beside another: those whose tools could be mistaken for its own (variation ``similar_tools``)."""

from collections.abc import Sequence

from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.variations.toolsets import ALIKE, alike

MOST_SIBLINGS = 4


def nearest_siblings(pack: Pack, others: Sequence[Pack]) -> list[str]:
    """Slugs of at most MOST_SIBLINGS of ``others`` that have a tool like one of ``pack``'s: named relations first, then the most alike,
    then by slug."""
    related = {tie.domain for tie in pack.related}
    ranked = []
    for other in others:
        likeness = max(alike(own, foreign) for own in pack.agent_tools.values() for foreign in other.agent_tools.values())
        if likeness >= ALIKE:
            ranked.append((other.slug not in related, -likeness, other.slug))
    return [slug for _, _, slug in sorted(ranked)[:MOST_SIBLINGS]]
