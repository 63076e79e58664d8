"""A domain pack as data: what the YAML of ``docs/pack-format.md`` says, typed and normalised.

Every type is JSON in and out through msgspec, so a release keeps its pack parsed. ``Pack.digest`` names the content.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from synthesis.engine.tools import Requestor

LANGUAGES: tuple[str, ...] = ("en", "ko")
"""Languages in which a pack words its intents."""

KINDS: frozenset[str] = frozenset({"text", "id", "date", "time", "datetime", "money", "number"})
"""How a value is said and recognised."""


class Related(msgspec.Struct, frozen=True):
    """A tie to another domain."""

    domain: str
    kind: str


class Caller(msgspec.Struct, frozen=True):
    """Whose wishes the intents are: rows of ``table``, bound under ``name``."""

    name: str
    table: str


class Rule(msgspec.Struct, frozen=True):
    """One policy rule. ``check`` names a check, or None when only a judge can tell; ``refuse`` holds lines for saying no, by language."""

    rule: str
    check: str | None = None
    refuse: dict[str, list[str]] = {}


class Check(msgspec.Struct, frozen=True):
    """One policy check: a Starlark ``program``, or one of the built-in forms ``before``, ``confirm`` and ``never``."""

    program: str | None = None
    before: list[str] | None = None
    confirm: list[str] | None = None
    never: list[str] | None = None


class Column(msgspec.Struct, frozen=True):
    """One column: its JSON Schema, and how values are made, referenced and compared."""

    schema: dict[str, Any]
    make: dict[str, Any] | None = None
    ref: str | None = None
    unique: bool = False
    default: Any = msgspec.UNSET
    compare: Literal["exact", "text", "ignore"] = "exact"

    @property
    def nullable(self) -> bool:
        """Whether null is a value of the column."""
        kind = self.schema.get("type")
        return kind == "null" or (isinstance(kind, list) and "null" in kind)


class Table(msgspec.Struct, frozen=True):
    """One table. ``rows`` is how many rows to make, or literal rows."""

    key: str
    columns: dict[str, Column]
    rows: int | list[dict[str, Any]] = 0
    unique: list[list[str]] = []


class DeclaredError(msgspec.Struct, frozen=True):
    """An error that a tool can give. ``example`` holds arguments that give it in a fresh world."""

    code: str
    when: str = ""
    example: dict[str, Any] | None = None
    said: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    """Of a tool of the user's side: how the user says that this happened, by language."""


class Tool(msgspec.Struct, frozen=True):
    """One tool of a pack, executed by ``program``, or answered by a model where ``kind`` says ``simulated``.

    ``reads`` and ``writes`` are the tables that a simulator of the tool may see and change. ``side: user`` makes it a tool of the user's
    own (a setting of their phone): ``asks`` are lines by which an agent asks for it, ``asked_as`` words that every such line holds,
    ``reports`` lines by which the user says what came of it, all by language; ``words`` says values of arguments and results in words, by
    name, value and language. All of these are left out of the content where they do not apply, so that other packs keep their digests.
    """

    name: str
    description: str
    effect: Literal["read", "write"]
    parameters: dict[str, Any]
    program: str = ""
    returns: dict[str, Any] = {}
    errors: list[DeclaredError] = []
    confirm: bool = False
    kind: Literal["simulated"] | msgspec.UnsetType = msgspec.UNSET
    reads: list[str] | msgspec.UnsetType = msgspec.UNSET
    writes: list[str] | msgspec.UnsetType = msgspec.UNSET
    side: Literal["user"] | msgspec.UnsetType = msgspec.UNSET
    asks: dict[str, list[str]] | msgspec.UnsetType = msgspec.UNSET
    asked_as: dict[str, list[str]] | msgspec.UnsetType = msgspec.UNSET
    reports: dict[str, list[str]] | msgspec.UnsetType = msgspec.UNSET
    words: dict[str, dict[str, dict[str, str]]] | msgspec.UnsetType = msgspec.UNSET

    @property
    def of_user(self) -> bool:
        """Whether the user calls it, and never the agent."""
        return self.side == "user"

    @property
    def requestor(self) -> Requestor:
        """Who calls it."""
        return "user" if self.of_user else "agent"

    def lines(self, part: Literal["asks", "asked_as", "reports"], language: str) -> list[str]:
        """Lines of a tool of the user's side in one language; none of other tools."""
        found: dict[str, list[str]] | msgspec.UnsetType = getattr(self, part)
        return [] if found is msgspec.UNSET else list(found.get(language, []))

    @property
    def simulated(self) -> bool:
        """Whether a model answers instead of a program."""
        return self.kind == "simulated"

    @property
    def readable(self) -> list[str]:
        """Tables that a simulator of this tool may see: what it may change is in sight, too."""
        return list(dict.fromkeys([*(self.reads or []), *self.writable]))

    @property
    def writable(self) -> list[str]:
        """Tables that a simulator of this tool may change."""
        return list(self.writes or [])

    def refs(self) -> dict[str, str]:
        """Parameters that hold a key, by the table they point to (top level only)."""
        properties: dict[str, Any] = self.parameters.get("properties", {})
        return {name: schema["ref"] for name, schema in properties.items() if isinstance(schema, dict) and "ref" in schema}


class Knowledge(msgspec.Struct, frozen=True):
    """A fact the user can tell, as a template. ``said``: the words for a value that nobody says as it is (a code), by language."""

    value: Any
    kind: str = "text"
    label: dict[str, str] = {}
    asked_as: dict[str, list[str]] = {}
    said: dict[str, str] = {}


class GoldCall(msgspec.Struct, frozen=True):
    """One call of a perfect agent, as a template; ``each`` repeats it for every element with ``{item}`` bound.

    ``gives`` is what a simulated tool returns in the gold run, where no model is asked.
    """

    call: str
    args: dict[str, Any] = {}
    name: str | None = None
    each: str | None = None
    needs: list[str] = []
    gives: Any = msgspec.UNSET


class Telling(msgspec.Struct, frozen=True):
    """A fact the agent must report, as a template."""

    fact: str
    kind: str = "text"


class Twins(msgspec.Struct, frozen=True):
    """Records that an opening could mean; fact ``key`` tells them apart, ``show`` words one of them (``{item.x}``)."""

    rows: str
    key: str
    show: dict[str, str]


class Preference(msgspec.Struct, frozen=True):
    """The ``preference`` variation of an intent."""

    bind: str
    hides: list[str]
    opening: dict[str, list[str]]
    gold: list[GoldCall] | None = None


class Phrases(msgspec.Struct, frozen=True):
    """An intent's wordings in one language."""

    opening: list[str]
    answers: dict[str, list[str]] = {}
    adjust: list[str] = []
    propose: list[str] = []
    report: list[str] = []


class Intent(msgspec.Struct, frozen=True):
    """Something a user of the domain may want."""

    id: str
    bind: str
    wants: dict[str, str]
    phrases: dict[str, Phrases]
    complexity: int = 1
    knows: dict[str, Knowledge] = {}
    gold: list[GoldCall] = []
    tells: list[Telling] = []
    changes: dict[str, str] = {}
    undo: list[GoldCall] = []
    twins: Twins | None = None
    preference: Preference | None = None
    expect: Literal["complete", "refuse"] = "complete"
    breaks: str | None = None
    """For ``expect: refuse``: the check id, or the policy rule's number from 1."""


class Pack(msgspec.Struct, frozen=True, dict=True):
    """A whole domain pack."""

    slug: str
    name: str
    category: str
    description: str
    complexity: int
    caller: Caller
    agent: str
    policy: list[Rule]
    checks: dict[str, Check]
    tables: dict[str, Table]
    tools: dict[str, Tool]
    intents: dict[str, Intent]
    related: list[Related] = []
    seed: str = ""
    invariants: str = ""
    helpers: str = ""

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical content; formatting and comments of the file do not matter."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @cached_property
    def user_tools(self) -> dict[str, Tool]:
        """The tools of the user's side, by name."""
        return {name: tool for name, tool in self.tools.items() if tool.of_user}

    @cached_property
    def agent_tools(self) -> dict[str, Tool]:
        """The tools that an agent may be offered, by name."""
        return {name: tool for name, tool in self.tools.items() if not tool.of_user}

    @property
    def simulated(self) -> list[str]:
        """Names of the tools that need a simulator."""
        return [tool.name for tool in self.tools.values() if tool.simulated]

    def needs_simulator(self, intent: Intent) -> list[str]:
        """The simulated tools that the gold of ``intent`` calls."""
        preferred = (intent.preference.gold if intent.preference else None) or []
        called = {call.call for call in [*intent.gold, *intent.undo, *preferred]}
        return [name for name in self.simulated if name in called]

    def without_simulated(self) -> "Pack":
        """The pack as it can be played with programs alone: no simulated tools, no intents that need one. Not for publishing: its digest
        is another's."""
        if not self.simulated:
            return self
        tools = {name: tool for name, tool in self.tools.items() if not tool.simulated}
        intents = {name: intent for name, intent in self.intents.items() if not self.needs_simulator(intent)}
        return msgspec.structs.replace(self, tools=tools, intents=intents)

    @property
    def key_category(self) -> str:
        """The first part of the category path."""
        return self.category.split("/")[0]

    def rule_broken_by(self, check: str) -> int | None:
        """The 0-based position of the policy rule that ``check`` tests, or None."""
        return next((i for i, rule in enumerate(self.policy) if rule.check == check), None)

    def caller_key(self, bindings: Mapping[str, Any]) -> str:
        """The key of the caller's row among the values of a bind."""
        return str(bindings[self.caller.name][self.tables[self.caller.table].key])

    def refusable(self, check: str) -> bool:
        """Whether a scenario may ask for what ``check`` forbids: its rule says how to refuse in every language."""
        rule = self.rule_broken_by(check)
        return rule is not None and all(self.policy[rule].refuse.get(language) for language in LANGUAGES)
