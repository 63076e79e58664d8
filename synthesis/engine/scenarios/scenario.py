"""What one scenario is: a concrete task, its truth, and the script of the variation.

A scenario is generated *from execution* (see ``generate``): everything here was bound in a seeded world and proven by
running it. It is language-independent: wordings come from the pack by intent id, so the same scenario can be played
in English and in Korean. Every type is JSON in and out through msgspec.
"""

from typing import Any, Literal

import msgspec

from synthesis.engine.faults.planned import PlannedFault
from synthesis.engine.tools import Requestor
from synthesis.engine.world.changes import RowChange
from synthesis.engine.world.rows import Setting

VARIATIONS: tuple[str, ...] = (
    "plain",
    "gradual",
    "wrong_value",
    "no_fitting_tool",
    "forbidden",
    "changed_mind",
    "switched_topic",
    "several_at_once",
    "similar_tools",
    "preference",
    "ambiguous_record",
    "faulty_tools",
    "long_haul",
)
"""ACEBench's case types as we use them (design page domain-packs.md), in a fixed order."""

UNANSWERABLE: frozenset[str] = frozenset({"no_fitting_tool", "forbidden"})
"""Variations whose right outcome is a refusal."""


class WorldRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A seeded base world: ``release`` is the pack's content digest, ``seed`` one of its audited seeds. ``setting``: how it departs from
    what the seed makes.
    """

    domain: str
    release: str
    seed: int
    setting: Setting | None = None


class Fact(msgspec.Struct, frozen=True):
    """Something the user can tell. ``value`` is raw (cents, ISO dates); ``kind`` says how it is said and recognised.

    ``said`` holds, by language, the words for a value that nobody says as it is (an enum's code): the fact counts as told when the value or
    these words are mentioned, and ``{key}`` in a wording is filled with them.
    """

    key: str
    value: Any
    kind: str = "text"
    label: dict[str, str] = {}
    asked_as: dict[str, list[str]] = {}
    said: dict[str, str] = {}


class Tell(msgspec.Struct, frozen=True):
    """A fact the agent must report. ``template`` may use gold results; ``value`` is what it came to in the gold run."""

    template: str
    value: Any
    kind: str = "text"


class Step(msgspec.Struct, frozen=True):
    """One gold call, the agent's or (``side``) the user's own.

    ``args`` has bound values filled in; holes such as ``"{booked.appointment_id}"`` that name the result of an earlier
    step of the same wish remain, because fresh ids are known only at run time. ``needs`` are the fact keys the agent
    must have been told before it can make the call; ``after`` are positions (in the same wish's steps) that must come first: steps with
    no path between them may come in any order or in parallel. ``error`` is the error code the gold run got (only in a
    wrong-value script), else None and ``result`` holds what it returned.
    """

    tool: str
    args: dict[str, Any]
    effect: Literal["read", "write"]
    confirm: bool = False
    name: str | None = None
    each: bool = False
    needs: list[str] = []
    after: list[int] = []
    result: Any = None
    error: str | None = None
    known: bool = False
    """True when an earlier wish of the scenario already made this very call with this very result: an agent reuses it."""
    side: Requestor = "agent"


class WrongValue(msgspec.Struct, frozen=True):
    """The user first says ``value`` for fact ``key``. ``malformed``: it breaks the parameter's schema, so a careful agent asks
    at once; otherwise the gold step ``step`` with it fails with ``error``."""

    key: str
    value: Any
    malformed: bool
    step: int
    args: dict[str, Any] = {}
    error: str | None = None


class Change(msgspec.Struct, frozen=True):
    """A changed mind. ``when``: before or after the writes. ``facts`` are the new values; ``bindings`` the new scope for wordings;
    ``steps`` are what a perfect agent then still has to do (for ``after``: undo steps first, then the new ones)."""

    when: Literal["before", "after"]
    facts: dict[str, Any]
    bindings: dict[str, Any]
    steps: list[Step]
    tells: list[Tell]


class Choice(msgspec.Struct, frozen=True):
    """Records the opening could mean. The agent lists ``rows`` with the intent's ``twins.show`` wording; fact ``key`` settles it."""

    key: str
    rows: list[Any]


class Refusal(msgspec.Struct, frozen=True):
    """The right answer is no. ``policy``: rule ``rule`` (0-based) forbids it; ``no_tool``: none of the offered tools does it.
    ``steps`` in the wish are then only what comes before the refusal."""

    kind: Literal["policy", "no_tool"]
    rule: int | None = None
    check: str | None = None
    presses: int = 1
    blocked_tool: str | None = None
    """The write tool that must not be called (policy) or is not offered (no_tool)."""


class Wish(msgspec.Struct, frozen=True):
    """One bound intent of a scenario."""

    intent: str
    bindings: dict[str, Any]
    wants: dict[str, str]
    facts: list[Fact]
    steps: list[Step]
    tells: list[Tell]
    withheld: list[str] = []
    """Facts not volunteered: told only when asked. In ``plain`` none; facts the opening line itself says never count."""
    hides: list[str] = []
    """Facts the user leaves to a stored preference (variation ``preference``); never told."""
    wrong: WrongValue | None = None
    change: Change | None = None
    choice: Choice | None = None
    refusal: Refusal | None = None
    domain: str = ""
    """The domain in which it is served, where that is not the scenario's own."""


class OfferedTool(msgspec.Struct, frozen=True):
    """A tool as the agent sees it. ``name`` is unique in the episode; ``domain`` and ``tool`` say where it really lives."""

    name: str
    domain: str
    tool: str


class Scenario(msgspec.Struct, frozen=True):
    """One concrete task.

    ``worlds[0]`` is the scenario's own world; others are those in which wishes of other domains are served, or hold the distractors of
    ``similar_tools``. ``wishes`` are served in order, or all at once in ``several_at_once``. ``expected`` is the net delta of a perfect
    play over the base worlds; tables of another domain are ``domain.table`` there.
    ``digest`` is sha256 over (release, world seed, intents, bound values, variation script) and names the scenario.
    """

    digest: str
    worlds: list[WorldRef]
    variation: str
    wishes: list[Wish]
    tools: list[OfferedTool]
    expected: list[RowChange]
    expected_digest: str
    difficulty: int
    faults: list[PlannedFault] = []
    at_once: bool = False
    now: str = ""
    """The moment at which the own world stands, ``YYYY-MM-DDTHH:MM``: an agent must know it to keep deadlines."""
    user_tools: list[OfferedTool] = []
    """Tools of the user's side: what the user can do itself, and the agent can only ask for."""
    callers: dict[str, str] = {}
    """By domain that has such tools, the key of the user's row: on whose things they act."""

    @property
    def domain(self) -> str:
        """Slug of the scenario's own domain."""
        return self.worlds[0].domain

    @property
    def domains(self) -> list[str]:
        """Slugs of the domains in which wishes are served, the own one first."""
        return list(dict.fromkeys([self.domain, *(self.domain_of(wish) for wish in self.wishes)]))

    def domain_of(self, wish: Wish) -> str:
        """Slug of the domain in which ``wish`` is served."""
        return wish.domain or self.domain

    def offered_names(self, domain: str) -> dict[str, str]:
        """The tools of ``domain`` that are on offer, to either side: by their own names, the names under which they are."""
        return {offered.tool: offered.name for offered in reversed([*self.tools, *self.user_tools]) if offered.domain == domain}

    @property
    def answerable(self) -> bool:
        """Whether the right outcome is to complete the task (rather than to refuse)."""
        return self.variation not in UNANSWERABLE
