"""What cannot be played with programs alone."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from synthesis.engine.packs.model import Pack
from synthesis.models import Release, Tool


class LeftOut(NamedTuple):
    """What a domain loses where nobody simulates its tools: ``tools`` that are not offered, ``intents`` that are not played. ``playable``:
    something is left that can be completed."""

    tools: list[str]
    intents: list[str]
    playable: bool


def left_out(releases: Mapping[str, Release]) -> dict[str, LeftOut]:
    """By slug, what the domains among ``releases`` lose that have simulated tools. Two queries."""
    keys = {release.pk: slug for slug, release in releases.items()}
    having = set(Tool.objects.filter(release_id__in=keys, kind=Tool.Kind.SIMULATED).values_list("release_id", flat=True))
    packs = Release.objects.filter(pk__in=having).values_list("pk", "pack")
    return {keys[key]: _of(msgspec.convert(pack, Pack)) for key, pack in packs}


def _of(pack: Pack) -> LeftOut:
    intents = [intent.id for intent in pack.intents.values() if pack.needs_simulator(intent)]
    rest = [intent for intent in pack.without_simulated().intents.values() if intent.expect == "complete"]
    return LeftOut(pack.simulated, intents, bool(rest))
