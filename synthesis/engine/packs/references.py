"""What a JSON Schema cannot say about a pack: names are unique and lead somewhere, wordings cover what they must.

Each rule is a generator of findings over (pack, raw data); ``check`` runs them all.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jsonschema_rs

from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.holes import holes
from synthesis.engine.packs.model import LANGUAGES, Intent, Pack
from synthesis.engine.packs.simulated import check_simulated, gold_sections
from synthesis.engine.packs.user_side import check_user_side

MAKERS = {"serial", "fake", "pattern", "choice", "weighted", "int", "step", "number", "date", "moment", "chance", "template", "ref"}
ANY_TOOL = "*"
COLUMN_KEYWORDS = frozenset(
    [
        "type",
        "enum",
        "const",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "properties",
        "required",
        "additionalProperties",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "title",
        "description",
    ]
)
"""JSON Schema keywords that a column may use: others are most likely a misspelt word of ours."""


def check(pack: Pack, data: dict[str, Any]) -> list[Finding]:
    """All findings on references and coverage. Places are paths in ``data``."""
    rules: list[Callable[[Pack, dict[str, Any]], Iterable[Finding]]] = [
        _unique_names, _policy, _builtin_checks, _tables, _columns, _caller, _schemas, _gold_calls, _knowledge, _wordings, _variations,
        check_simulated, check_user_side,
    ]  # fmt: skip
    return [finding for rule in rules for finding in rule(pack, data)]


def nearest(names: Iterable[str]) -> str:
    """The names on offer, for a remedy."""
    return ", ".join(sorted(names)) or "none"


def _unique_names(_: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    for section, key in (("tools", "name"), ("intents", "id")):
        seen: set[str] = set()
        for i, item in enumerate(data[section]):
            if item[key] in seen:
                yield Finding(f"{section}.{i}.{key}", f"repeats the name {item[key]}.", "Give each its own name.")
            seen.add(item[key])


def _policy(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    used = {rule.check for rule in pack.policy}
    for i, rule in enumerate(pack.policy):
        if rule.check and rule.check not in pack.checks:
            yield Finding(
                f"policy.{i}.check", f"names the check {rule.check}, which does not exist.", f"Use one of: {nearest(pack.checks)}."
            )
    for name in pack.checks:
        if name not in used:
            yield Finding(f"checks.{name}", "is used by no policy rule.", "Name it in a rule's 'check', or remove it.")


def _builtin_checks(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    for name, item in pack.checks.items():
        for form in ("before", "confirm", "never"):
            for tool in getattr(item, form) or []:
                if tool != ANY_TOOL and tool not in pack.tools:
                    remedy = f'Use one of: {nearest(pack.tools)}, or "*".'
                    yield Finding(f"checks.{name}.{form}", f"names the tool {tool}, which does not exist.", remedy)


def _tables(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    for name, table in pack.tables.items():
        key = table.columns.get(table.key)
        if key is None:
            yield Finding(
                f"tables.{name}.key", f"names the column {table.key}, which does not exist.", f"Use one of: {nearest(table.columns)}."
            )
        elif key.schema.get("type") != "string":
            yield Finding(
                f"tables.{name}.columns.{table.key}",
                "is the key but not a string.",
                "Keys are strings: {type: string, make: {serial: ...}}.",
            )
        elif not isinstance(table.rows, list) and not (key.make and "serial" in key.make):
            yield Finding(f"tables.{name}.columns.{table.key}", "is the key but has no series.", 'Add make: {serial: "X-{:04d}"}.')
        for group in table.unique:
            for column in set(group) - set(table.columns):
                yield Finding(
                    f"tables.{name}.unique", f"names the column {column}, which does not exist.", f"Use: {nearest(table.columns)}."
                )


def _columns(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    above: set[str] = set()
    for name, table in pack.tables.items():
        for column, spec in table.columns.items():
            where = f"tables.{name}.columns.{column}"
            if spec.ref and spec.ref not in pack.tables:
                yield Finding(
                    f"{where}.ref", f"points to the table {spec.ref}, which does not exist.", f"Use one of: {nearest(pack.tables)}."
                )
            elif spec.ref and table.rows and spec.ref not in above and not spec.nullable:
                yield Finding(
                    f"{where}.ref", f"points to {spec.ref}, which is made later.", "Move that table above, or make the column nullable."
                )
            if spec.make and len(MAKERS & set(spec.make)) > 1:
                yield Finding(f"{where}.make", "has two makers.", "Keep one; only unique and null_rate may stand beside it.")
            for word in set(spec.schema) - COLUMN_KEYWORDS:
                yield Finding(
                    f"{where}.{word}", "is not a keyword of a column.", "Use make, ref, unique, default, compare or a JSON Schema keyword."
                )
            if "type" not in spec.schema and "enum" not in spec.schema:
                yield Finding(where, "has no type.", "Add type: string, integer, number, boolean, array or object.")
        above.add(name)


def _caller(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    if pack.caller.table not in pack.tables:
        yield Finding("caller.table", f"{pack.caller.table} is not a table.", f"Use one of: {nearest(pack.tables)}.")


def _schemas(pack: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    for i, tool in enumerate(pack.tools.values()):
        for part, schema in (("parameters", tool.parameters), ("returns", tool.returns)):
            yield from _bad_schema(f"tools.{i}.{part}", schema)
        for parameter, table in tool.refs().items():
            if table not in pack.tables:
                where = f"tools.{i}.parameters.properties.{parameter}.ref"
                yield Finding(where, f"points to the table {table}, which does not exist.", f"Use one of: {nearest(pack.tables)}.")
        if tool.confirm and tool.effect == "read":
            yield Finding(f"tools.{i}.confirm", "asks to confirm a read.", "Reads need no yes; remove confirm or make the tool a write.")
        codes = [error.code for error in tool.errors]
        if len(codes) != len(set(codes)):
            yield Finding(f"tools.{i}.errors", "declares a code twice.", "Keep one entry for each code.")
    for name, table_spec in pack.tables.items():
        for column, spec in table_spec.columns.items():
            yield from _bad_schema(f"tables.{name}.columns.{column}", spec.schema)


def _bad_schema(where: str, schema: dict[str, Any]) -> Iterator[Finding]:
    try:
        jsonschema_rs.meta.validate(schema)
        jsonschema_rs.validator_for(schema)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        yield Finding(where, f"is not a valid JSON Schema: {str(error).splitlines()[0]}.", "Mend the keyword; the dialect is 2020-12.")


def _gold_calls(pack: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    for i, intent in enumerate(pack.intents.values()):
        for section, calls in gold_sections(intent):
            for j, call in enumerate(calls):
                where = f"intents.{i}.{section}.{j}"
                if call.call not in pack.tools:
                    yield Finding(f"{where}.call", f"calls {call.call}, which is not a tool.", f"Use one of: {nearest(pack.tools)}.")
                    continue
                parameters = pack.tools[call.call].parameters.get("properties", {})
                for name in set(call.args) - set(parameters):
                    yield Finding(f"{where}.args.{name}", f"is not a parameter of {call.call}.", f"Use: {nearest(parameters)}.")
                for name in set(call.needs) - set(intent.knows):
                    yield Finding(
                        f"{where}.needs", f"names the fact {name}, which the user does not know.", f"Use: {nearest(intent.knows)}."
                    )
        if intent.expect == "complete" and not intent.gold:
            yield Finding(f"intents.{i}.gold", "has no calls.", "Add the calls of a perfect agent, or expect: refuse.")
    called = {call.call for intent in pack.intents.values() for _, calls in gold_sections(intent) for call in calls}
    for i, tool in enumerate(pack.tools.values()):
        if tool.name not in called and not tool.simulated:
            yield Finding(f"tools.{i}", f"{tool.name} serves no gold call.", "Use it in the gold of an intent, or remove it.")


def has_word(text: str, word: str, language: str) -> bool:
    """Whether ``word`` stands in ``text``: a whole word in English, a substring in Korean; case ignored."""
    if language == "ko":
        return word.lower() in text.lower()
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _knowledge(_: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    for i, intent in enumerate(data["intents"]):
        knows = intent.get("knows", {})
        for key, fact in knows.items():
            if key == "item":
                yield Finding(f"intents.{i}.knows.item", "is the name that each and twins give to an element.", "Rename the fact.")
            for language in LANGUAGES:
                where = f"intents.{i}.knows.{key}.asked_as.{language}"
                label = fact["label"][language]
                if not any(has_word(label, word, language) for word in fact["asked_as"][language]):
                    yield Finding(
                        where,
                        f"has no word that stands in the label '{label}'.",
                        "Add the label's main word, so that the question is understood.",
                    )
                for other, rival in knows.items():
                    clash = [word for word in rival["asked_as"][language] if other != key and has_word(label, word, language)]
                    if clash:
                        problem = f"the label '{label}' holds '{clash[0]}', by which {other} is asked."
                        yield Finding(f"intents.{i}.knows.{key}.label.{language}", problem, "Choose another word in one of the two.")


def _wordings(pack: Pack, _: dict[str, Any]) -> Iterator[Finding]:
    for i, intent in enumerate(pack.intents.values()):
        writes = any(pack.tools[c.call].confirm for c in intent.gold if c.call in pack.tools)
        for language, phrases in intent.phrases.items():
            where = f"intents.{i}.phrases.{language}"
            for key in set(intent.knows) ^ set(phrases.answers):
                problem = "has no answers." if key in intent.knows else "is not a fact of knows."
                yield Finding(f"{where}.answers.{key}", problem, "Give two or more lines for every key of knows, and no others.")
            if intent.changes and not phrases.adjust:
                yield Finding(
                    f"{where}.adjust", "is missing although the intent has changes.", "Add two or more lines with the new values."
                )
            if intent.expect == "complete" and writes and not phrases.propose:
                yield Finding(
                    f"{where}.propose", "is missing although a write needs a yes.", "Add two or more lines that say what will be done."
                )
            if intent.expect == "complete" and not phrases.report:
                yield Finding(f"{where}.report", "is missing.", "Add two or more lines that tell the outcome.")
            for section in ("propose", "report"):
                for j, line in enumerate(getattr(phrases, section)):
                    if "?" in line:
                        yield Finding(f"{where}.{section}.{j}", "asks a question.", "State it; the engine adds the question.")


def _variations(pack: Pack, data: dict[str, Any]) -> Iterator[Finding]:
    for i, intent in enumerate(pack.intents.values()):
        if intent.twins and intent.twins.key not in intent.knows:
            yield Finding(f"intents.{i}.twins.key", f"{intent.twins.key} is not a fact of knows.", f"Use: {nearest(intent.knows)}.")
        for key in set(intent.preference.hides if intent.preference else []) - set(intent.knows):
            yield Finding(f"intents.{i}.variations.preference.hides", f"{key} is not a fact of knows.", f"Use: {nearest(intent.knows)}.")
        if intent.expect == "refuse":
            yield from _expected_refusal(pack, intent, i)
        for j, tell in enumerate(intent.tells):
            if not list(holes(tell.fact)):
                yield Finding(f"intents.{i}.tells.{j}.fact", "has no hole.", 'Write the value to be told, such as "{booked.fee}".')


def broken_rule(pack: Pack, intent: Intent) -> int | None:
    """The 0-based policy rule that an ``expect: refuse`` intent breaks, or None when ``breaks`` leads nowhere."""
    if intent.breaks and intent.breaks.isdigit():
        position = int(intent.breaks) - 1
        return position if 0 <= position < len(pack.policy) else None
    return pack.rule_broken_by(intent.breaks or "")


def _expected_refusal(pack: Pack, intent: Intent, i: int) -> Iterator[Finding]:
    rule = broken_rule(pack, intent)
    if rule is None:
        yield Finding(f"intents.{i}.breaks", "names no policy rule.", f"Write the rule's number (1-{len(pack.policy)}) or a check id.")
    elif not pack.policy[rule].refuse:
        yield Finding(
            f"policy.{rule}.refuse", f"is missing, but {intent.id} must be refused by this rule.", "Add two or more lines in en and ko."
        )
