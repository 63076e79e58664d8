"""Several wishes of one person: one after the other (switched_topic, long_haul) or together (several_at_once)."""

from synthesis.engine.packs.model import Intent
from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import GoldRun, Unfit
from synthesis.engine.scenarios.scenario import Wish
from synthesis.engine.scenarios.wishes import Bound, Outcome, bind, perform
from synthesis.engine.world.delta import Comparison

LONG_HAUL = (3, 6)
"""Fewest and most intents of a long haul."""


def switched_topic(ground: Ground) -> Draft:
    """A second intent of the same person, brought up when the first is done."""
    run, outcomes = _chain(ground, 2)
    if len(outcomes) < 2:
        raise Unfit("no second intent for this person")
    return Draft([o.wish for o in outcomes], run.state, run)


def long_haul(ground: Ground) -> Draft:
    """A chain of three to six intents of the same person."""
    run, outcomes = _chain(ground, ground.rng.randint(*LONG_HAUL))
    if len(outcomes) < LONG_HAUL[0]:
        raise Unfit("fewer than three intents for this person")
    return Draft([o.wish for o in outcomes], run.state, run)


def _chain(ground: Ground, length: int) -> tuple[GoldRun, list[Outcome]]:
    """Up to ``length`` intents bound and performed one after the other, each in the world the earlier ones left."""
    run = ground.run()
    outcomes = [ground.complete(run, ground.intent(ground.complete_intents()))]
    rest = [i for i in ground.complete_intents() if i.id != outcomes[0].wish.intent]
    ground.rng.shuffle(rest)
    for intent in rest:
        if len(outcomes) == length:
            break
        outcome = _try_next(ground, run, [o.wish for o in outcomes], intent)
        if outcome:
            outcomes.append(outcome)
    return run, outcomes


def _try_next(ground: Ground, run: GoldRun, wishes: list[Wish], intent: Intent) -> Outcome | None:
    """The next wish performed on ``run``, or None with ``run`` as it was."""
    state, log, performed, results = run.state.copy(), list(run.log), list(run.performed), dict(run.results)
    try:
        return ground.complete(run, intent, ground.given_after(run, wishes))
    except Unfit:
        run.state, run.log, run.performed, run.results = state, log, performed, results
        return None


def several_at_once(ground: Ground) -> Draft:
    """Two or three independent wishes in one breath, or one wish over several items."""
    if ground.rng.random() < 0.3:
        items = _many_items(ground)
        if items:
            return items
    base = ground.state()
    first = bind(ground.machine, base, ground.intent(ground.complete_intents()), ground.rng)
    bounds = [first]
    rest = [i for i in ground.complete_intents() if i.id != first.intent.id]
    ground.rng.shuffle(rest)
    wanted = ground.rng.choice([2, 2, 3])
    caller = first.bindings[ground.pack.caller.name]
    proven: tuple[GoldRun, list[Wish]] | None = None
    for intent in rest:
        if len(bounds) == wanted:
            break
        try:
            candidate = bind(ground.machine, base, intent, ground.rng, {"caller": caller, "earlier": [b.intent.id for b in bounds]})
            proven = _independent(ground, [*bounds, candidate])
        except Unfit:
            continue
        bounds.append(candidate)
    if proven is None:
        raise Unfit("no second independent wish for this person")
    run, wishes = proven
    return Draft(wishes, run.state, run, at_once=True)


def _independent(ground: Ground, bounds: list[Bound]) -> tuple[GoldRun, list[Wish]]:
    """Perform the wishes in order and in reverse. Raises Unfit unless both succeed and leave the same."""
    run = ground.run()
    wishes = [_complete(run, bound) for bound in bounds]
    reverse = ground.run()
    backwards = [_complete(reverse, bound) for bound in reversed(bounds)]
    comparison = Comparison({ground.pack.slug: ground.pack}, ground.pack.slug)
    if comparison.differences(run.state.net_delta(), reverse.state.net_delta()):
        raise Unfit("the wishes depend on each other")
    if [wish.tells for wish in wishes] != [wish.tells for wish in reversed(backwards)]:
        raise Unfit("what is told depends on which wish comes first")
    return run, wishes


def _complete(run: GoldRun, bound: Bound) -> Wish:
    outcome = perform(run, bound)
    if outcome.kind != "complete":
        raise Unfit("came out forbidden", bound.intent.id)
    return outcome.wish


def _many_items(ground: Ground) -> Draft | None:
    """A wish whose ``each`` repeats at least twice, with nothing between the repetitions; None when there is none."""
    intents = [i for i in ground.complete_intents() if any(c.each for c in i.gold)]
    if not intents:
        return None
    run = ground.run()
    try:
        outcome = ground.complete(run, ground.intent(intents))
    except Unfit:
        return None
    repeats = [i for i, step in enumerate(outcome.wish.steps) if step.each]
    free = [i for i in repeats if not set(outcome.wish.steps[i].after) & set(repeats)]
    return Draft([outcome.wish], run.state, run, at_once=True) if len(free) >= 2 else None
