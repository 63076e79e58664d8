"""What surrounds the wish: near-duplicate tools from sibling domains (similar_tools), tools that fail (faulty_tools)."""

import re

from synthesis.engine.faults.plan import READ_FAULTS, WRITE_FAULTS
from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.packs.holes import holes
from synthesis.engine.packs.model import Tool
from synthesis.engine.scenarios.draft import Draft, Ground, Sibling
from synthesis.engine.scenarios.gold import Unfit
from synthesis.engine.scenarios.scenario import OfferedTool, Wish, WorldRef
from synthesis.engine.scenarios.variations.single import plain

ALIKE = 0.12
"""Least word overlap (Jaccard over name and description) at which a tool can be mistaken for another."""
MOST_DISTRACTORS = 5
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "given",
        "has",
        "if",
        "in",
        "is",
        "it",
        "its",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "such",
        "that",
        "the",
        "their",
        "this",
        "to",
        "which",
        "with",
    ]
)


def similar_tools(ground: Ground) -> Draft:
    """Tools of sibling domains that look like the ones needed are offered too."""
    draft = plain(ground)
    gold = {step.tool for step in draft.wishes[0].steps if step.side == "agent"}
    if not gold:
        raise Unfit("the agent calls no tool", draft.wishes[0].intent)
    ranked = sorted(
        (
            (max(alike(ground.pack.tools[name], tool) for name in gold), sibling.world.domain, tool.name, sibling)
            for sibling in ground.siblings
            for tool in sibling.pack.agent_tools.values()
        ),
        key=lambda entry: (-entry[0], entry[1], entry[2]),
    )
    close = [(tool, sibling) for score, _, tool, sibling in ranked[:MOST_DISTRACTORS] if score >= ALIKE]
    if not close:
        raise Unfit("no domain has a tool that looks alike")
    worlds: list[WorldRef] = []
    for tool, sibling in close:
        if sibling.world not in worlds:
            worlds.append(sibling.world)
        draft.distractors.append(OfferedTool(_free_name(ground, draft, tool, sibling), sibling.world.domain, tool))
    draft.distractor_worlds = worlds
    return draft


def _free_name(ground: Ground, draft: Draft, tool: str, sibling: Sibling) -> str:
    taken = set(ground.pack.tools) | {offered.name for offered in draft.distractors}
    return tool if tool not in taken else f"{sibling.world.domain}_{tool}"


def alike(a: Tool, b: Tool) -> float:
    """Word overlap of two tools, 0-1; the words of a name count twice as much as being in the description alone."""
    names = _words(a.name), _words(b.name)
    texts = names[0] | _words(a.description), names[1] | _words(b.description)
    return (_jaccard(*names) + _jaccard(*texts)) / 2


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z]+", text.lower().replace("_", " ")) if word not in STOP_WORDS)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def faulty_tools(ground: Ground) -> Draft:
    """One to three calls of the gold path are struck, some twice in a row."""
    draft = plain(ground)
    wish = draft.wishes[0]
    ours = [i for i, step in enumerate(wish.steps) if step.side == "agent"]
    if not ours:
        raise Unfit("the agent calls no tool", wish.intent)
    chosen = ground.rng.sample(ours, min(len(ours), ground.rng.choice([1, 1, 2])))
    counts: dict[str, int] = {}
    shift: dict[str, int] = {}
    for i, step in enumerate(wish.steps):
        nth = counts.get(step.tool, 0) + shift.get(step.tool, 0)
        counts[step.tool] = counts.get(step.tool, 0) + 1
        if i not in chosen:
            continue
        faults = _faults(ground, wish, i, nth)
        draft.faults += faults
        if not faults[0].took_place:
            shift[step.tool] = shift.get(step.tool, 0) + len(faults)
    return draft


def _faults(ground: Ground, wish: Wish, i: int, nth: int) -> list[PlannedFault]:
    step = wish.steps[i]
    if step.effect == "write":
        if not _result_used(wish, i) and ground.rng.random() < 0.3:
            return [PlannedFault(step.tool, nth, "timeout", took_place=True)]
        kinds = WRITE_FAULTS
    else:
        kinds = tuple(kind for kind in READ_FAULTS if kind != "partial_result" or isinstance(step.result, list | dict))
    times = 2 if ground.rng.random() < 0.25 else 1
    return [PlannedFault(step.tool, nth + k, ground.rng.choice(kinds)) for k in range(times)]


def _result_used(wish: Wish, i: int) -> bool:
    """Whether a later step, a told fact or anything else needs what step ``i`` returns."""
    name = wish.steps[i].name
    later = any(i in step.after for step in wish.steps)
    told = name is not None and any(h.path.split(".")[0] == name for tell in wish.tells for h in holes(tell.template))
    return later or told or name is not None
