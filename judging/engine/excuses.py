"""Gold reads that an agent which finds its own way may leave out.

The scripted agent walks along the gold path, so whatever it leaves out it leaves out wrongly. A model or a person may learn the same facts
from another result, or do without what nothing depends on. Such a read is excused, never a write:

- nothing needed it: no later call and nothing that had to be told builds on it; or
- what was needed of it was known otherwise, in time: every value that later gold calls take from it, every value that had to be told, and,
  where a write waits for it (a decision hangs on what it says), at least half of all it says.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from judging.engine.gold import Gold, Matched, template_names
from synthesis.engine.episode.trajectory import Trajectory
from synthesis.engine.packs.holes import MissingValue, leaves, resolve
from synthesis.engine.scenarios.scenario import Scenario

ENOUGH = 0.5
"""Share of a result's values that must be known before a write that waits for it."""


def finds_its_own_way(trajectory: Trajectory) -> bool:
    """Whether somebody other than the scripted agent acted in it: from the beginning, or from a fork on."""
    casts = [trajectory.opening.get("cast"), *(note.get("cast") for note in trajectory.notes if note.get("what") == "fork")]
    return any(cast and (cast.get("seats") or {}).get("agent", "scripted") != "scripted" for cast in casts)


def with_excuses(gold: Gold, scenario: Scenario, trajectory: Trajectory) -> Gold:
    """The same matching, where reads that were not needed or whose facts were known otherwise are not required."""
    steps = [msgspec.structs.replace(m, required=False, excused=True) if _excused(m, gold, scenario, trajectory) else m for m in gold.steps]
    return msgspec.structs.replace(gold, steps=steps)


def _excused(matched: Matched, gold: Gold, scenario: Scenario, trajectory: Trajectory) -> bool:
    if not matched.required or matched.call is not None or matched.step.effect != "read":
        return False
    later = [m for m in gold.steps if m.wish == matched.wish and m is not matched and _builds_on(m, matched)]
    told = set(_told(matched, scenario))
    if not told <= set(_known(trajectory, None, words=False)):
        return False
    if not later:
        return True
    known = set(_known(trajectory, min((m.call.seq for m in later if m.call), default=None), words=True))
    if not {value for m in later for value in _taken(m, matched)} <= known:
        return False
    said = set(_plain(leaves(matched.step.result)))
    # The user looks at its own side to find out what is wrong there; whoever put it right without that has found it out otherwise.
    waits = matched.step.side == "agent" and any(m.step.effect == "write" and matched.position in m.step.after for m in later)
    return not waits or not said or len(said & known) >= ENOUGH * len(said)


def _builds_on(later: Matched, earlier: Matched) -> bool:
    names = {name for value in leaves(later.step.args) for name in template_names(value)}
    return earlier.step.name in names or (earlier.position in later.step.after and later.position > earlier.position)


def _taken(later: Matched, earlier: Matched) -> Iterator[str]:
    """What a later call takes from an earlier result, as gold knows it."""
    for template in leaves(later.step.args):
        if earlier.step.name in template_names(template):
            yield from _plain(leaves(_filled(template, earlier)))


def _told(matched: Matched, scenario: Scenario) -> Iterator[str]:
    wish = scenario.wishes[matched.wish]
    for tell in [*wish.tells, *(wish.change.tells if wish.change else [])]:
        if matched.step.name in template_names(tell.template):
            yield from _plain([tell.value])


def _filled(template: Any, earlier: Matched) -> Any:
    try:
        return resolve(template, {str(earlier.step.name): [earlier.step.result] if earlier.step.each else earlier.step.result})
    except MissingValue:
        # More than one result stands in it: what it comes to cannot be told, so all that the read says must be known.
        return earlier.step.result


def _known(trajectory: Trajectory, before: int | None, *, words: bool) -> Iterator[str]:
    """Values in results, and single words of the user where ``words``, up to event ``before`` (None: to the end)."""
    for call in trajectory.calls:
        if call.outcome is not None and call.ok and call.result_seq is not None and (before is None or call.result_seq < before):
            yield from _plain(leaves(call.outcome.result))
    if words:
        for message in trajectory.said_by("user"):
            if before is None or message.seq < before:
                yield from (word.strip(".,;:!?()'\"") for word in message.text.casefold().split())


def _plain(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if value is not None and not isinstance(value, bool):
            yield str(value).casefold().strip()
