"""Choices left open: to a stored preference, or because the description fits several records."""

import msgspec

from synthesis.engine.packs import holes
from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import Choice

MOST_ROWS = 5
"""Candidates that an agent can reasonably list in one question."""


def preference(ground: Ground) -> Draft:
    """The user leaves a choice to something the agent can read."""
    intent = ground.intent([i for i in ground.complete_intents() if i.preference])
    run = ground.run()
    outcome = ground.complete(run, intent, preference=True)
    hidden = set(outcome.wish.hides)
    steps = [msgspec.structs.replace(s, needs=[key for key in s.needs if key not in hidden]) for s in outcome.wish.steps]
    return Draft([msgspec.structs.replace(outcome.wish, steps=steps)], run.state, run)


def ambiguous_record(ground: Ground) -> Draft:
    """The user describes a record that matches several; one more fact settles it."""
    intent = ground.intent([i for i in ground.complete_intents() if i.twins])
    assert intent.twins is not None
    run = ground.run()
    outcome = ground.complete(run, intent)
    try:
        rows = holes.resolve(intent.twins.rows, outcome.wish.bindings)
    except holes.MissingValue as missing:
        raise Unfit("twins names a value that is not bound", f"{{{missing.args[0]}}} in {intent.id}") from None
    if not isinstance(rows, list) or not 2 <= len(rows) <= MOST_ROWS:
        raise Unfit("the description fits one record, or too many", intent.id)
    key = intent.twins.key
    if not outcome.wish.steps or key in outcome.wish.steps[0].needs:
        raise Unfit("the telling fact is needed before anything can be looked up", intent.id)
    wish = msgspec.structs.replace(outcome.wish, withheld=[key], choice=Choice(key, rows))
    return Draft([wish], run.state, run)
