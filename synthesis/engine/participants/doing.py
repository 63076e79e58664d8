"""A scripted user's hands: which tools of its own side it is asked to use, with what arguments, and what it has to tell of them."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.language.fill import fill
from synthesis.engine.language.values import kind_of, mentions
from synthesis.engine.packs.holes import MissingValue, resolve
from synthesis.engine.packs.model import LANGUAGES, Pack, Tool
from synthesis.engine.participants.own_side import asks_for, in_words
from synthesis.engine.participants.team import own_tools
from synthesis.engine.participants.user_phrasing import UserPhrasing
from synthesis.engine.scenarios.scenario import Scenario, Step
from synthesis.engine.tools import ToolCall


class Shown(msgspec.Struct, frozen=True):
    """What a tool of one's own gave: ``error`` is a code, None when it worked."""

    call: ToolCall
    result: Any = None
    error: str | None = None


class Hands:
    """The tools of the user's side, folded from the log: ``shown`` is what was not told yet."""

    def __init__(self, scenario: Scenario, packs: Mapping[str, Pack], language: str) -> None:
        self.tools = own_tools(scenario, packs)
        self.language = language
        self.sent: dict[str, ToolCall] = {}
        self.shown: list[Shown] = []

    def fold_calls(self, calls: Sequence[Mapping[str, Any]]) -> None:
        """Take in one's own calls."""
        for raw in calls:
            call = msgspec.convert(raw, ToolCall)
            self.sent[call.id] = call

    def fold_result(self, payload: Mapping[str, Any]) -> str | None:
        """Take in what one of them gave; the tool's name where it worked."""
        call = self.sent.get(str(payload.get("call_id")))
        if call is None:
            return None
        error = payload.get("error")
        self.shown.append(Shown(call, payload.get("result"), str(error["code"]) if error else None))
        return None if error else call.name

    def told(self) -> None:
        """All that was shown has been told."""
        self.shown = []

    def wanted(self, text: str) -> list[str]:
        """The tools that ``text`` asks for, in their own order."""
        return [name for name, tool in self.tools.items() if asks_for(text, tool, self.language)]

    def call(self, name: str, text: str, steps: Sequence[Step], rng: random.Random) -> ToolCall | None:
        """The call that ``text`` asks for. ``steps`` are those of the script that call the tool, the one that is due first: what the text
        leaves open is taken from it. None where something is missing."""
        tool = self.tools[name]
        due = dict(steps[0].args) if steps else {}
        properties: dict[str, Any] = tool.parameters.get("properties", {})
        heard = {key: _heard(text, tool, key, schema, due.get(key)) for key, schema in properties.items()}
        args = {key: value for key, value in heard.items() if value is not None}
        if any(key not in args for key in tool.parameters.get("required", [])):
            return None
        return ToolCall(f"call_{rng.getrandbits(64):016x}", name, args)

    def report(self, shown: Shown, phrasing: UserPhrasing, rng: random.Random) -> str:
        """What one says of it."""
        tool = self.tools[shown.call.name]
        if shown.error:
            said = next((e.said for e in tool.errors if e.code == shown.error and e.said is not msgspec.UNSET), None)
            return said[self.language] if said else phrasing.say("no_luck", rng)
        result = shown.result if isinstance(shown.result, dict) else {}
        scope = {**in_words(tool, shown.call.arguments, self.language), **in_words(tool, result, self.language)}
        lines = list(tool.lines("reports", self.language))
        line = phrasing.speaker.fresh(lines, rng)
        lines.sort(key=lambda other: other != line)
        for template in lines:
            try:
                return fill(template, scope, {}, self.language, phrasing.speaker.style, phrasing.typing.literal(rng))
            except MissingValue:
                continue
        return phrasing.say("no_luck", rng)


def _heard(text: str, tool: Tool, key: str, schema: Any, due: Any) -> Any:
    """The value for a parameter that ``text`` says; ``due`` (the script's own) where it says that one or none."""
    schema = schema if isinstance(schema, dict) else {}
    if due is not None and _says(text, tool, key, due):
        return due
    values = [True, False] if schema.get("type") == "boolean" else schema.get("enum", [])
    said = next((value for value in values if value is not None and _says(text, tool, key, value)), None)
    if said is None and isinstance(schema.get("pattern"), str):
        tokens = (token.strip(".,;:!?()\"'") for token in text.split())
        said = next((token for token in tokens if token and re.search(schema["pattern"], token)), None)
    return due if said is None else said


def _says(text: str, tool: Tool, key: str, value: Any) -> bool:
    words = [in_words(tool, {key: value}, language)[key] for language in LANGUAGES]
    return any(not isinstance(word, bool) and word != "" and mentions(text, word, kind_of(word)) for word in words)


def script_steps(steps: Sequence[Step], done: frozenset[int], name: str, names: Mapping[str, str]) -> list[Step]:
    """The user's steps that call the tool offered as ``name`` (``names``: by the tools' own names): those not done yet first.

    What they take from gold results is filled in.
    """
    results = {step.name: step.result for step in steps if step.name}
    found = sorted((i in done, i) for i, step in enumerate(steps) if step.side == "user" and names.get(step.tool) == name)
    return [msgspec.structs.replace(steps[i], args=_filled(steps[i].args, results)) for _, i in found]


def _filled(args: dict[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(resolve(args, results))
    except MissingValue:
        return {}
