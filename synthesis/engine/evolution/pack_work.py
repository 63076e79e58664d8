"""A pack on its way: what its author has written so far, and the text that comes of it."""

from typing import Any

import msgspec

from synthesis.engine.evolution.ideas import DomainIdea
from synthesis.engine.packs import yaml_write

TOOLS_AT_ONCE = 4
INTENTS_AT_ONCE = 2
STAGES = ("outline", "world", "tools", "policy", "intents")
"""What is written of a pack, in this order; tools and intents a few at a time, so that no answer is long."""


class TablePlan(msgspec.Struct, frozen=True):
    """A table and what its rows are."""

    name: str
    purpose: str


class ToolPlan(msgspec.Struct, frozen=True):
    """A tool to be written. ``parameters`` are names."""

    name: str
    description: str
    effect: str
    parameters: list[str]


class IntentPlan(msgspec.Struct, frozen=True):
    """An intent to be written: what is wanted, the tools of its gold path in order, and what makes it special (twins, a change of mind, a
    preference, a refusal; "" when nothing does)."""

    id: str
    wants: str
    calls: list[str]
    special: str


class Outline(msgspec.Struct, frozen=True):
    """The plan of a pack. ``caller`` is the name of the record that every user is, ``caller_table`` where it stands."""

    agent: str
    caller: str
    caller_table: str
    tables: list[TablePlan]
    rules: list[str]
    tools: list[ToolPlan]
    intents: list[IntentPlan]


class PackWork(msgspec.Struct):
    """What there is of a pack. ``world`` holds tables, seed, invariants and helpers; ``policy`` holds policy and checks."""

    idea: DomainIdea
    outline: Outline | None = None
    world: dict[str, Any] = {}
    tools: list[dict[str, Any]] = []
    policy: dict[str, Any] = {}
    intents: list[dict[str, Any]] = []

    @property
    def stage(self) -> str:
        """What is to be written next, of STAGES; "" when nothing is left."""
        if self.outline is None:
            return "outline"
        if not self.world:
            return "world"
        if len(self.tools) < len(self.outline.tools):
            return "tools"
        if not self.policy:
            return "policy"
        return "intents" if len(self.intents) < len(self.outline.intents) else ""

    @property
    def share(self) -> tuple[int, int]:
        """How many of the things of this stage are there, and how many there will be."""
        if self.outline is None:
            return 0, 1
        if self.stage == "tools":
            return len(self.tools), len(self.outline.tools)
        return len(self.intents), len(self.outline.intents)


def pack_text(work: PackWork) -> str:
    """The pack as YAML in the manner of the starter packs; every stage must be there."""
    outline, idea = work.outline, work.idea
    assert outline is not None and not work.stage
    data: dict[str, Any] = {
        "format": "domain-pack/1",
        "slug": idea.slug,
        "name": idea.name,
        "category": idea.category,
        "description": idea.description,
        "complexity": idea.complexity,
        "caller": {"name": outline.caller, "table": outline.caller_table},
        "agent": outline.agent,
        **work.policy,
        **{name: work.world[name] for name in ("tables", "seed", "invariants", "helpers") if work.world.get(name)},
        "tools": work.tools,
        "intents": work.intents,
    }
    return text_of(data)


def text_of(data: dict[str, Any]) -> str:
    """A pack's values as its text."""
    return yaml_write.mapping(data, 0) + "\n"
