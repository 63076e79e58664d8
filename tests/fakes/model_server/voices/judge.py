"""The judge: grades by what the checks of the programmatic judge find, with words that stand in the transcript as evidence.

Options: ``strict=1`` takes a point off every value (``strict=-1`` adds one), ``noise=0.3`` moves that share of the values by a point,
drawn from episode, criterion and ``seed``, so that judges of a panel differ; ``always=5`` gives that value whatever happened, as a judge
would that one must not trust; ``quotes=invented`` cites words that nobody said, ``quotes=late`` does so until it is asked again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from judging.engine.judges.programmatic import Judged
from synthesis.engine.randomness import rng_for
from tests.fakes.model_server.play import Play
from tests.fakes.model_server.question import AGAIN, Message, Question
from tests.fakes.model_server.voices.forms import instance_of

MATERIAL = re.compile(r"^--- (transcript-[0-9a-f]+) ---\n(.*?)\n--- \1 ---$", re.MULTILINE | re.DOTALL)
WORDS = 8
"""Words of a quote."""
Entry = dict[str, Any]


class Opinion(NamedTuple):
    """What is thought of one criterion; ``value`` None: it does not apply. ``events`` are where it shows."""

    value: float | None
    reason: str
    events: Sequence[int] = ()


def says(question: Question, play: Play | None) -> Message:
    """Grades where the form asks for grades; else any object that fits."""
    schema = question.schema or {"type": "object"}
    graded = [name for name, entry in schema.get("properties", {}).items() if "value" in entry.get("properties", {})]
    if not graded:
        return {"content": msgspec.json.encode(instance_of(schema)).decode()}
    entries, judged = entries_in(question.messages), play.checked if play else None
    seed = play.seed if play else 0
    grades = {name: grade(name, schema["properties"][name], entries, opinion_of(name, entries, judged), question, seed) for name in graded}
    rest = {name: instance_of(entry) for name, entry in schema["properties"].items() if name not in grades}
    return {"content": msgspec.json.encode({**rest, **grades}).decode()}


def entries_in(messages: Sequence[Message]) -> list[Entry]:
    """The entries of the transcript in a judge's question; none where there is none."""
    for message in messages:
        if found := MATERIAL.search(str(message.get("content") or "")):
            entries: list[Entry] = msgspec.json.decode(found[2])
            return entries
    return []


def opinion_of(criterion: str, entries: Sequence[Entry], judged: Judged | None) -> Opinion:
    """What to think of a criterion: what the checks say of one with that name; of another, what they say of the whole. Without checks
    what the transcript shows: errors that nobody dealt with, and how it ended.
    """
    if judged is not None and not judged.error:
        for score in judged.scores:
            if score.criterion == criterion:
                return Opinion(score.value, score.reason, score.evidence)
        failure = judged.failure
        whole = judged.overall if judged.overall is not None else 5.0
        if failure is None:
            return Opinion(whole, "Nothing went wrong in this conversation.")
        return Opinion(min(whole, 2.0), failure.reason, [] if failure.first_event is None else [failure.first_event])
    return at_sight(entries)


def at_sight(entries: Sequence[Entry]) -> Opinion:
    """An opinion by the transcript alone."""
    results = [entry for entry in entries if entry["who"] == "result"]
    failed = [entry for entry in results if entry.get("error")]
    said = [entry for entry in entries if entry["who"] == "agent"]
    if not said:
        return Opinion(0.0, "The agent said nothing.")
    if results and results[-1].get("error"):
        return Opinion(1.0, "The last call failed and nothing was done about it.", [results[-1]["event"]])
    if failed:
        return Opinion(4.0, "A call failed on the way, and the agent went on from it.", [failed[-1]["event"]])
    return Opinion(5.0, "The agent did what was asked for and said so.", [said[-1]["event"]])


def grade(criterion: str, form: Mapping[str, Any], entries: Sequence[Entry], opinion: Opinion, question: Question, seed: int) -> Any:
    """The entry of one criterion, in the form that was asked for."""
    value = value_of(criterion, opinion.value, question, seed, form["properties"]["value"])
    event, quote = evidence_of(entries, opinion.events) if value is not None else (-1, "")
    invented = question.ways.get("quotes")
    again = bool(AGAIN.search(str(question.messages[-1].get("content") or "")))
    if value is not None and (invented == "invented" or (invented == "late" and not again)):
        quote = "words that nobody ever said in here"
    known = {"value": value, "reason": opinion.reason or "It shows in the transcript.", "event": event, "quote": quote}
    return {name: known[name] if name in known else instance_of(inner) for name, inner in form["properties"].items()}


def value_of(criterion: str, thought: float | None, question: Question, seed: int, form: Mapping[str, Any]) -> int | None:
    """The value that is given for what is thought, within the scale; a fixed one also where the criterion does not apply."""
    low, high = int(form.get("minimum", 0)), int(form.get("maximum", 5))
    if question.ways.get("always"):
        return min(max(round(question.number("always", high)), low), high)
    if thought is None:
        return None
    value = thought - question.number("strict")
    rng = rng_for(seed, "fake", "judge", criterion, question.ways.get("seed", "0"))
    if rng.random() < question.number("noise"):
        value += rng.choice((-1, 1))
    return min(max(round(value), low), high)


def evidence_of(entries: Sequence[Entry], events: Sequence[int]) -> tuple[int, str]:
    """The number of an event and some of its words: of the first of ``events`` that is shown, else of the last thing the agent said."""
    shown = {entry["event"]: entry for entry in reversed(entries)}
    said = [entry for entry in entries if entry["who"] == "agent"] or list(entries)
    entry = next((shown[event] for event in events if event in shown), said[-1] if said else None)
    if entry is None:
        return -1, ""
    if text := str(entry.get("text") or "").strip():
        return entry["event"], " ".join(text.split()[:WORDS])
    return entry["event"], f'"tool":"{entry["tool"]}"' if entry.get("tool") else f'"who":"{entry["who"]}"'
