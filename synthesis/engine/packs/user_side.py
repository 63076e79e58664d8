"""What tools of the user's side must say, and where they may stand.

An agent cannot call them and sees no schema of theirs: it asks for them in words and learns what they gave from the user's words. So a pack
words the asking and the telling in every language, and whatever later calls or the agent's report take from such a result is told.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.holes import holes, leaves
from synthesis.engine.packs.model import LANGUAGES, GoldCall, Intent, Pack, Tool
from synthesis.engine.packs.simulated import gold_sections

PARTS = ("asks", "asked_as", "reports")


def check_user_side(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    """Findings on the tools of the user's side and on the gold that calls them. Places are paths in the file."""
    for i, tool in enumerate(pack.tools.values()):
        yield from _specification(tool, f"tools.{i}") if tool.of_user else _agents(tool, f"tools.{i}")
    yield from _checks(pack)
    for i, intent in enumerate(pack.intents.values()):
        for section, calls in gold_sections(intent):
            yield from _gold(pack, intent, calls, f"intents.{i}.{section}")


def _agents(tool: Tool, where: str) -> Iterator[Finding]:
    for part in (*PARTS, "words"):
        if getattr(tool, part) is not msgspec.UNSET:
            yield Finding(f"{where}.{part}", "is for tools of the user's side only.", "Say side: user, or remove it.")
    for j, error in enumerate(tool.errors):
        if error.said is not msgspec.UNSET:
            yield Finding(f"{where}.errors.{j}.said", "is for tools of the user's side only.", "Say side: user, or remove it.")


def _specification(tool: Tool, where: str) -> Iterator[Finding]:
    if tool.simulated:
        yield Finding(f"{where}.kind", f"{tool.name} is the user's and simulated.", "Give it a program: what a person sees is not made up.")
    if tool.confirm:
        yield Finding(f"{where}.confirm", f"{tool.name} is the user's: nobody asks it for a yes.", "Remove it; being asked is enough.")
    for part in PARTS:
        if getattr(tool, part) is msgspec.UNSET:
            remedy = {
                "asks": "Add two or more lines a language by which an agent asks the user to do it.",
                "asked_as": "Add the words a language by which the user sees that it is asked for.",
                "reports": "Add two or more lines a language by which the user says what came of it.",
            }[part]
            yield Finding(where, f"{tool.name} is the user's and has no {part}.", remedy)
    for j, error in enumerate(tool.errors):
        if error.said is msgspec.UNSET:
            yield Finding(f"{where}.errors.{j}", f"{error.code} has no said.", "Word it as the user would say it, in en and ko.")
    yield from _holes(tool, where)
    yield from _words(tool, where)


def _holes(tool: Tool, where: str) -> Iterator[Finding]:
    parameters = set(tool.parameters.get("properties", {}))
    fields = set(tool.returns.get("properties", {}))
    for part, known in (("asks", parameters), ("reports", parameters | fields)):
        for language in LANGUAGES:
            for j, line in enumerate(tool.lines(part, language)):  # type: ignore[arg-type]
                for path in {hole.path.split(".")[0] for hole in holes(line)} - known:
                    remedy = f"Use: {', '.join(sorted(known)) or 'no holes'}."
                    yield Finding(f"{where}.{part}.{language}.{j}", f"{{{path}}} is not known there.", remedy)


def _words(tool: Tool, where: str) -> Iterator[Finding]:
    if tool.words is msgspec.UNSET:
        return
    known = {*tool.parameters.get("properties", {}), *tool.returns.get("properties", {})}
    for name in sorted(set(tool.words) - known):
        remedy = f"Use: {', '.join(sorted(known)) or 'none'}."
        yield Finding(f"{where}.words.{name}", "is neither a parameter nor a field of returns.", remedy)


def _checks(pack: Pack) -> Iterator[Finding]:
    for name, item in pack.checks.items():
        for form in ("confirm", "never"):
            for tool in getattr(item, form) or []:
                if tool in pack.user_tools:
                    yield Finding(f"checks.{name}.{form}", f"names {tool}, which the user calls.", "Rules bind the agent: name its tools.")
        if item.before and item.before[1] in pack.user_tools:
            yield Finding(
                f"checks.{name}.before", f"binds {item.before[1]}, which the user calls.", "Rules bind the agent: name its tools."
            )


def _gold(pack: Pack, intent: Intent, calls: list[GoldCall], where: str) -> Iterator[Finding]:
    """The gold that calls them: the agent has a part of its own, and takes from the user's results only what is told."""
    mine = [call for call in calls if call.call in pack.user_tools]
    if mine and len(mine) == len(calls) and where.endswith(".gold"):
        yield Finding(where, "is all the user's.", "Let the agent look something up, too: it is the agent that is trained.")
    named = {call.name: pack.tools[call.call] for call in mine if call.name}
    for j, call in enumerate(calls):
        if call.each and call.call in pack.user_tools:
            yield Finding(f"{where}.{j}.each", f"repeats {call.call}, which the user calls.", "Write the steps one by one.")
        if call.call in pack.user_tools:
            yield from _asked(pack.user_tools[call.call], call, f"{where}.{j}.args")
        for path in _paths(call.args):
            yield from _told(named, path, f"{where}.{j}.args")
    for j, tell in enumerate(intent.tells):
        for path in _paths(tell.fact):
            yield from _told(named, path, f"intents.{where.split('.')[1]}.tells.{j}.fact")


def _asked(tool: Tool, call: GoldCall, where: str) -> Iterator[Finding]:
    """Whatever line the agent asks by, the call has what the line says."""
    said = {hole.path.split(".")[0] for language in LANGUAGES for line in tool.lines("asks", language) for hole in holes(line)}
    for name in sorted(said - set(call.args)):
        yield Finding(where, f"leaves out {name}, which a line of asks of {tool.name} says.", f"Give it, or take {{{name}}} out of asks.")


def _told(named: dict[str, Tool], path: str, where: str) -> Iterator[Finding]:
    name, _, rest = path.partition(".")
    tool = named.get(name)
    if tool is None:
        return
    for language in LANGUAGES:
        for line in tool.lines("reports", language):
            if not any(hole.path == rest for hole in holes(line)):
                problem = f"takes {{{path}}}, which the user does not tell: '{line}' leaves it out."
                yield Finding(where, problem, f"Put {{{rest}}} into every line of reports of {tool.name}.")
                return


def _paths(value: Any) -> Iterator[str]:
    return (hole.path for leaf in leaves(value) if isinstance(leaf, str) for hole in holes(leaf))
