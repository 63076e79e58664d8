"""One wish: said at once (plain), bit by bit (gradual), with a slip of the tongue first (wrong_value)."""

import random
import re

import msgspec

from synthesis.engine.packs.holes import leaves
from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import GoldRun, Unfit, again, feeds
from synthesis.engine.scenarios.scenario import Fact, WrongValue
from synthesis.engine.scenarios.wishes import Outcome
from synthesis.engine.world.machine import NO_SIMULATOR, LoggedCall

MUTATIONS = 8
"""Wrong values tried per fact."""


def plain(ground: Ground) -> Draft:
    """The user says all that is needed."""
    run = ground.run()
    outcome = ground.complete(run, ground.intent(ground.complete_intents()))
    return Draft([outcome.wish], run.state, run)


def gradual(ground: Ground) -> Draft:
    """The user gives values only when asked."""
    draft = plain(ground)
    wish = draft.wishes[0]
    needed = {key for step in wish.steps for key in step.needs}
    withheld = [fact.key for fact in wish.facts if fact.key in needed]
    if not withheld:
        raise Unfit("the user knows nothing that could be asked", wish.intent)
    draft.wishes = [msgspec.structs.replace(wish, withheld=withheld)]
    return draft


def wrong_value(ground: Ground) -> Draft:
    """The user first gives a value that does not exist or is malformed, for a fact that feeds a read."""
    run = ground.run()
    outcome = ground.complete(run, ground.intent(ground.complete_intents()))
    candidates = [
        (i, name, fact)
        for i, performed in enumerate(outcome.performed)
        if performed.step.effect == "read" and not performed.step.known and performed.step.side == "agent"
        for name, value in performed.args.items()
        for fact in outcome.wish.facts
        if fact.value == value and not fact.said and isinstance(value, str | int) and not isinstance(value, bool) and _once(outcome, fact)
    ]
    ground.rng.shuffle(candidates)
    for i, name, fact in candidates:
        wrong = _find_wrong(ground, outcome, i, name, fact)
        if wrong:
            return Draft([msgspec.structs.replace(outcome.wish, wrong=wrong)], run.state, run)
    raise Unfit("no fact can be wrong in a way that a read reports", outcome.wish.intent)


def _once(outcome: Outcome, fact: Fact) -> bool:
    """Whether exactly one step takes the fact, so that one correction mends everything."""
    return sum(any(feeds(fact, leaf) for leaf in leaves(p.args)) for p in outcome.performed) == 1


def _find_wrong(ground: Ground, outcome: Outcome, step: int, name: str, fact: Fact) -> WrongValue | None:
    performed = outcome.performed[step]
    tool = ground.pack.tools[performed.step.tool]
    for _ in range(MUTATIONS):
        value = mutated(fact.value, fact.kind, ground.rng)
        if value is None or value == fact.value:
            continue
        args = {**performed.args, name: value}
        if ground.machine.schema_error(tool, args):
            return WrongValue(fact.key, value, True, step, args)
        replay = _replay_until(ground, outcome, step)
        if ground.machine.broken(replay.state, tool.name, args, replay.log):
            continue
        result = ground.machine.call(replay.state, tool.name, args)
        if result.error and result.error.code not in {"internal_error", NO_SIMULATOR}:
            return WrongValue(fact.key, value, False, step, args, result.error.code)
    return None


def _replay_until(ground: Ground, outcome: Outcome, step: int) -> GoldRun:
    replay = ground.run()
    replay.state.caller = ground.pack.caller_key(outcome.wish.bindings)
    for performed in outcome.performed[:step]:
        result = again(ground.machine, replay.state, performed)
        replay.log.append(LoggedCall(performed.step.tool, performed.args, result.ok, result.result, side=performed.step.side))
    return replay


def mutated(value: str | int, kind: str, rng: random.Random) -> str | int | None:
    """``value`` as somebody gets it wrong: a digit misremembered, two swapped, one dropped. None when there is nothing to mistake."""
    if isinstance(value, int):
        return value * 10 + rng.randrange(1, 9) if kind == "number" else None
    if kind in {"date", "datetime", "time", "money"}:
        return None
    digits = [m.start() for m in re.finditer(r"\d", value)]
    if len(digits) < 2:
        return _misspelt(value, rng)
    at = rng.choice(digits)
    way = rng.random()
    if way < 0.55:
        return value[:at] + str((int(value[at]) + rng.randrange(1, 10)) % 10) + value[at + 1 :]
    if way < 0.8:
        other = rng.choice([i for i in digits if i != at])
        letters = list(value)
        letters[at], letters[other] = letters[other], letters[at]
        return "".join(letters)
    return value[:at] + value[at + 1 :]


def _misspelt(value: str, rng: random.Random) -> str | None:
    """A surname or word with two letters swapped."""
    spots = [i for i in range(1, len(value) - 1) if value[i].isalpha() and value[i + 1].isalpha() and value[i] != value[i + 1]]
    if len(value) < 4 or not spots:
        return None
    at = rng.choice(spots)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
