"""The thirteen variations (ACEBench's case types): each derives a Draft from a Ground, or raises Unfit.

Add one: write ``derive(ground) -> Draft`` in a module here, name it in VARIATIONS of ``scenario`` and in DERIVE below, teach the
scripted seats its script, and
describe it in docs/pack-format.md if packs must provide something.
"""

from collections.abc import Callable

from synthesis.engine.scenarios.draft import Draft, Ground
from synthesis.engine.scenarios.variations import choices, minds, refusals, several, single, toolsets

DERIVE: dict[str, Callable[[Ground], Draft]] = {
    "plain": single.plain,
    "gradual": single.gradual,
    "wrong_value": single.wrong_value,
    "no_fitting_tool": refusals.no_fitting_tool,
    "forbidden": refusals.forbidden,
    "changed_mind": minds.changed_mind,
    "switched_topic": several.switched_topic,
    "several_at_once": several.several_at_once,
    "similar_tools": toolsets.similar_tools,
    "preference": choices.preference,
    "ambiguous_record": choices.ambiguous_record,
    "faulty_tools": toolsets.faulty_tools,
    "long_haul": several.long_haul,
}
