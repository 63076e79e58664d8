"""A worksheet: what people answered to one question where they differed, side by side, for whoever words the question anew.

It is also what a model is shown that drafts another wording (``engine.rewording``).
"""

import msgspec

OUTCOMES = {
    "": "not settled yet",
    "review": "a reviewer's answer was taken",
    "judge": "the judge's answer was taken",
    "new": "another value was set",
    "ambiguous": "the question is ambiguous",
}


class Cited(msgspec.Struct, frozen=True):
    """An event that somebody gave as evidence: its number and its one line."""

    seq: int
    head: str


class Said(msgspec.Struct, frozen=True):
    """One answer under its letter. ``value`` 0-5, or None: it does not apply."""

    letter: str
    value: float | None
    reason: str
    evidence: list[Cited]


class Case(msgspec.Struct, frozen=True):
    """One disputed item: every answer, and how it was settled (``outcome`` "": not yet) with which value and why."""

    item: int
    episode: int
    domain: str
    answers: list[Said]
    outcome: str
    value: int | None
    note: str


class Worksheet(msgspec.Struct, frozen=True):
    """One question with its anchors (by value), notes, and the items on which people differed about it."""

    rubric: str
    criterion: str
    question: str
    hard: bool
    scale: dict[int, str]
    notes: list[str]
    cases: list[Case]


def to_markdown(sheet: Worksheet) -> str:
    """The worksheet as Markdown, with room for a new wording. What people wrote is quoted, so that it cannot pass for structure."""
    lines = [f"# {sheet.rubric}: {sheet.criterion}", "", "Question" + (" (hard)" if sheet.hard else ""), "", *_quoted(sheet.question), ""]
    lines += ["| value | meaning |", "|---|---|", *(f"| {value} | {_cell(words)} |" for value, words in sorted(sheet.scale.items())), ""]
    if sheet.notes:
        lines += ["## Notes", ""]
        for note in sheet.notes:
            lines += [*_quoted(note), ""]
    for case in sheet.cases:
        lines += _case(case)
    return "\n".join([*lines, "## New wording", "", "Question:", "", "Anchors:", ""])


def _case(case: Case) -> list[str]:
    lines = [
        f"## Item {case.item} (episode {case.episode}, {case.domain})",
        "",
        "| answer | value | reason | evidence |",
        "|---|---|---|---|",
    ]
    for said in case.answers:
        evidence = "; ".join(f"{cited.seq}: {cited.head}" for cited in said.evidence)
        lines.append(f"| {said.letter} | {_value(said.value)} | {_cell(said.reason)} | {_cell(evidence)} |")
    settled = OUTCOMES[case.outcome] + (f": {_value(case.value)}" if case.outcome not in {"", "ambiguous"} else "")
    return [*lines, "", f"Outcome: {settled}.", *(["", *_quoted(case.note)] if case.note else []), ""]


def _value(value: float | None) -> str:
    return "does not apply" if value is None else f"{value:g}"


def _quoted(text: str) -> list[str]:
    return [f"> {line}" for line in text.splitlines()] or ["> "]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
