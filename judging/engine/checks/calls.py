"""Checks of the calls: the right tools, arguments that fit and that were known, nothing twice, nothing for nothing."""

from collections.abc import Iterator
from typing import Any

import msgspec

from judging.engine.case import Case
from judging.engine.checks.check import Verdict, broken, held, listed
from judging.engine.claims import plain_id
from judging.engine.gold import UNKNOWN, Matched, same_arguments, same_value
from synthesis.engine.episode.trajectory import Call
from synthesis.engine.language.values import mentions
from synthesis.engine.packs.holes import leaves


def forbidden_calls(case: Case) -> Verdict | None:
    """No tool was called that was not offered, that the policy blocks, or that belongs to another domain."""
    if not case.trajectory.calls:
        return None
    blocked = {wish.refusal.blocked_tool for wish in case.scenario.wishes if wish.refusal}
    for calls, words, tag in (
        ([c for c in case.trajectory.calls if c.name not in case.offered], "not an offered tool", "unknown_tool"),
        ([c for c in case.trajectory.calls if c.name in blocked], "must not be called here", "policy_broken"),
        ([c for c in case.trajectory.calls if c.name in case.distractors], "a tool of another domain", "wrong_tool"),
    ):
        if calls:
            return broken(f"{calls[0].name}: {words}", [c.seq for c in calls], tag=tag)
    return held()


def arguments_fit(case: Case) -> Verdict | None:
    """Arguments fit the schema of their tool."""
    seqs = {call.id: call.seq for call in case.trajectory.calls}
    if not seqs:
        return None
    wrong = [call for call in case.verification.calls if call.schema_error and call.id in seqs]
    return broken(listed([str(c.schema_error) for c in wrong]), [seqs[c.id] for c in wrong]) if wrong else held()


def arguments_right(case: Case) -> Verdict | None:
    """Values in arguments (other than records) are those that the task calls for."""
    return _compared(case, records=False)


def records_right(case: Case) -> Verdict | None:
    """Calls are about the right records."""
    return _compared(case, records=True)


def _compared(case: Case, *, records: bool) -> Verdict | None:
    if not case.trajectory.calls:
        return None
    wrong = [
        (call, names) for call, names in _departures(case) if any((name in case.offered[call.name].refs()) == records for name in names)
    ]
    if not wrong:
        return held()
    words = [f"{call.name}: {', '.join(n for n in names if (n in case.offered[call.name].refs()) == records)}" for call, names in wrong]
    return broken("not what the task calls for: " + listed(words), [call.seq for call, _ in wrong])


def _departures(case: Case) -> Iterator[tuple[Call, list[str]]]:
    """Calls that come close to a gold step without being it, with the arguments that differ.

    Of writes, every one that was made or struck by a fault and fulfils no step; of reads, only those whose tool has a step that nothing
    fulfils: reading more than gold does is no error in itself. The user's own wrong value, said before the right one, is none either.
    """
    for call in case.trajectory.calls:
        if call.id in case.gold.used or call.name not in case.offered or call.name in case.distractors or _excused(case, call):
            continue
        steps = [m for m in case.gold.steps if case.offered_as(m) == call.name]
        open_steps = [m for m in steps if m.call is None and not m.excused]
        made = case.effect(call) == "write" and (call.took_effect or call.faulted)
        if not steps or not (made or open_steps):
            continue
        if any(same_arguments(m.args, call.arguments) for m in steps) and not (open_steps and not call.faulted):
            continue
        yield call, min((_differing(m, call) for m in open_steps or steps), key=len)


def _differing(matched: Matched, call: Call) -> list[str]:
    names = sorted({*matched.args, *call.arguments})
    given, wanted = call.arguments, matched.args
    return [n for n in names if wanted.get(n) is not UNKNOWN and not same_value(wanted.get(n), given.get(n))]


def _excused(case: Case, call: Call) -> bool:
    """Whether the call is what a good agent makes of a user who first says a wrong value or later changes the mind."""
    for wish in case.scenario.wishes:
        if wish.wrong and any(same_value(wish.wrong.value, value) for value in leaves(call.arguments)):
            return True
        if wish.change and any(s.tool == call.name and s.effect == "read" for s in wish.steps):
            return True
    return False


def ids_seen(case: Case) -> Verdict | None:
    """Keys of records in arguments occur in an earlier result, in the user's words, or in what the agent was given; none is invented."""
    seen: set[str] = set()
    results = iter(sorted((c for c in case.trajectory.calls if c.result_seq is not None), key=lambda c: c.result_seq or 0))
    upcoming = next(results, None)
    checked = False
    for call in case.trajectory.calls:
        while upcoming is not None and (upcoming.result_seq or 0) < call.seq:
            seen |= _values_of(upcoming)
            upcoming = next(results, None)
        for value in _record_keys(case, call):
            checked = True
            if plain_id(value) not in seen and not _said(case, value, call.seq) and not _prompted(case, value):
                return broken(f"{call.name} uses {value}, which nobody has mentioned", [call.seq])
    return held() if checked else None


def _prompted(case: Case, value: str) -> bool:
    return any(isinstance(leaf, str) and mentions(leaf, value, "id") for leaf in leaves(case.prompt_values))


def _values_of(call: Call) -> set[str]:
    if call.outcome is None:
        return set()
    error = call.outcome.error
    words = error.message.split() if error else []
    return {plain_id(str(leaf)) for leaf in leaves(call.outcome.result) if leaf is not None} | {
        plain_id(word.strip(".,;:()'\"")) for word in words
    }


def _record_keys(case: Case, call: Call) -> Iterator[str]:
    tool = case.offered.get(call.name)
    if tool is None:
        return
    properties = tool.parameters.get("properties", {})
    for name, value in call.arguments.items():
        yield from _keyed(properties.get(name, {}), value)


def _keyed(schema: Any, value: Any) -> Iterator[str]:
    """The values that a schema marks with ``ref``, at every depth."""
    if not isinstance(schema, dict):
        return
    if "ref" in schema and isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _keyed(schema["items"] | ({"ref": schema["ref"]} if "ref" in schema else {}), item) if "items" in schema else ()
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _keyed(schema.get("properties", {}).get(name, {}), item)


def _said(case: Case, value: str, before: int) -> bool:
    earlier = [m.text for m in case.user if m.seq < before]
    if any(mentions(text, value, "id") or mentions(text, value, "text") for text in earlier):
        return True
    return any(fact.value == value and fact.said and any(case.told(text, fact) for text in earlier) for fact in case.facts)


def no_repeats(case: Case) -> Verdict | None:
    """No identical call again without a reason: a write in between, by whichever side, or an error or fault the time before."""
    if not case.trajectory.calls:
        return None
    last: dict[bytes, Call] = {}
    written = -1
    repeats = []
    for call in case.trajectory.all_calls:
        if call.requestor == "user":
            written = call.position if call.wrote else written
            continue
        key = msgspec.json.encode([call.name, call.arguments], order="sorted")
        earlier = last.get(key)
        if earlier is not None and earlier.ok and not earlier.faulted and written < earlier.position:
            repeats.append(call)
        last[key] = call
        if call.wrote or case.effect(call) == "write":
            written = call.position
    return broken(f"{repeats[0].name} was called again with the same arguments", [c.seq for c in repeats]) if repeats else held()


def needless_calls(case: Case) -> Verdict | None:
    """No call for nothing: one that serves no step, answers no trouble, and from which nothing was used."""
    if not case.trajectory.calls:
        return None
    needless = [call for call in case.trajectory.calls if call.ok and _needless(case, call)]
    return broken(f"{listed([c.name for c in needless])}: nothing came of it", [c.seq for c in needless]) if needless else held()


def _needless(case: Case, call: Call) -> bool:
    if call.id in case.gold.used or case.effect(call) != "read" or _excused(case, call) or _after_trouble(case, call):
        return False
    if any(
        c.position < call.position and c.name == call.name and same_arguments(c.arguments, call.arguments) for c in case.trajectory.calls
    ):
        return False  # ``no_repeats`` judges those
    fresh = {str(leaf) for leaf in leaves(call.outcome.result if call.outcome else None) if leaf is not None and len(str(leaf)) > 2}
    before = {str(leaf) for c in case.trajectory.calls if c.position < call.position and c.outcome for leaf in leaves(c.outcome.result)}
    fresh -= before | {str(leaf) for leaf in leaves(call.arguments)}
    later = {str(leaf) for c in case.trajectory.calls if c.position > call.position for leaf in leaves(c.arguments)}
    if fresh & later:
        return False
    texts = [m.text for m in case.agent if m.seq > call.seq]
    return not any(leaf in text for leaf in fresh for text in texts)


def _after_trouble(case: Case, call: Call) -> bool:
    """Whether an error or fault came before it since the user last spoke: looking again is then sensible."""
    spoke = max((m.seq for m in case.user if m.seq < call.seq), default=-1)
    return any(spoke < c.seq < call.seq and (not c.ok or c.faulted) for c in case.trajectory.calls)
