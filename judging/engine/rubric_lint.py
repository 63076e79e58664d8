"""What reading the draft of a rubric finds: errors that forbid publishing, and warnings about questions that people and judges will answer
each in their own way.
"""

import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from judging.engine.checks.registry import CHECKS
from judging.engine.rubric import Criterion, Rubric, RubricError, rubric_from
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.locate import located
from synthesis.engine.packs.yaml_text import load

LARGEST = 256 * 1024
"""Bytes of UTF-8 of a draft."""
ALIKE, CHECKED = 0.5, 0.6
"""Share of words from which two questions count as overlapping; and a question as what a check asks."""
HEAVY, LIGHT = 0.6, 0.02
"""Share of the whole weight above which one criterion decides alone, and below which it does not count."""
SLUG = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")
RUBRIC_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,79}\Z")
SECOND = re.compile(
    r"[;,]\s*(and|or|und|oder)\s|\b(and|or)\s+(was|were|is|are|did|does|do|has|have|had|can)\b|및|그리고|\?.*\?", re.IGNORECASE | re.DOTALL
)
WORDS = re.compile(r"[^\W_]+")
COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "in",
        "is",
        "it",
        "its",
        "no",
        "not",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
        "was",
        "were",
        "with",
    ]
)


def read_draft(text: str, slug: str) -> tuple[Rubric | None, list[Finding]]:
    """A draft as a rubric, or None and why it is none; with what lint says. Findings have lines, errors first."""
    try:
        data = load(text).data
    except PackError as error:
        return None, error.findings
    except RecursionError:
        return None, [Finding("file", "is nested too deep.", "Flatten it.")]
    if not isinstance(data, dict):
        return None, [Finding("file", "is no mapping.", "Write slug, name, description and criteria.", 1)]
    try:
        rubric = rubric_from(data, frozenset(CHECKS))
    except RubricError as error:
        return None, located([_told(str(error))], text)
    findings = [*_names(rubric, slug), *lint(rubric)]
    errors = any(finding.severity == "error" for finding in findings)
    ordered = sorted(located(findings, text), key=lambda finding: (finding.severity, finding.line))
    return (None if errors else rubric), ordered


def _told(problem: str) -> Finding:
    """A sentence of the reader as a finding with its place."""
    at = re.search(r" - at `\$\.?([^`]*)`", problem)
    if at:
        place = re.sub(r"\[(\d+)\]", r".\1", at[1]).replace("[...]", "")
        what = problem[: at.start()].removeprefix("rubric: ")
        return Finding(place, f"{what}.", "Write what docs/rubric-format.md says stands there.")
    place, _colon, rest = problem.partition(": ")
    return Finding(place if rest else "file", f"{rest or problem}.", "Mend it here.")


def _names(rubric: Rubric, slug: str) -> Iterator[Finding]:
    if rubric.slug != slug:
        yield Finding("slug", f"is {rubric.slug}, but this rubric is {slug}.", f"Write slug: {slug}; another name is another rubric.")
    if not rubric.name.strip():
        yield Finding("name", "is empty.", "Give the rubric a name.")
    if len(rubric.name) > 200:
        yield Finding("name", "is longer than 200 characters.", "Shorten it.")
    for criterion in rubric.criteria:
        if not SLUG.match(criterion.id):
            yield Finding(f"criteria.{criterion.id}.id", "is no name.", "Small letters, digits and underscores, beginning with a letter.")
        if not math.isfinite(criterion.weight) or criterion.weight > 1000:
            yield Finding(f"criteria.{criterion.id}.weight", "is beyond 1000.", "Weights count against each other; small numbers do.")


def lint(rubric: Rubric) -> list[Finding]:
    """Warnings about a rubric, each with its remedy."""
    found = [finding for criterion in rubric.criteria for rule in RULES for finding in rule(criterion)]
    return [*found, *_weights(rubric), *_overlaps(rubric)]


def _two_questions(c: Criterion) -> Iterator[Finding]:
    if SECOND.search(c.question):
        yield _warning(c, "question", "asks two things in one.", "Split it: whoever finds one true and the other false has no answer.")


def _anchors(c: Criterion) -> Iterator[Finding]:
    said = [" ".join(sentence.split()).casefold() for sentence in c.scale.values()]
    if any(not sentence for sentence in said):
        yield _warning(c, "scale", "has an anchor without a sentence.", "Say what an episode of that value looks like.")
    if len(set(said)) < len(said):
        yield _warning(c, "scale", "says the same of two values.", "Say what tells them apart.")
    if c.hard and math.ceil(c.pass_at) not in c.scale:
        least = math.ceil(c.pass_at)
        yield _warning(
            c, "scale", f"has no anchor for {least}, the least that passes.", f"Write what a {least} looks like, or pass at another."
        )
    elif c.answered_by == "judge" and not c.hard and len(c.scale) == 2:
        yield _warning(c, "scale", "has anchors for the ends alone.", "Add one for 3, or values between are guessed.")


def _checkable(c: Criterion) -> Iterator[Finding]:
    if c.answered_by != "judge":
        return
    for check in CHECKS.values():
        asked = words_of(check.question)
        if asked and len(asked & words_of(c.question)) >= CHECKED * len(asked) and len(asked) > 1:
            remedy = f"Answer it by check with caps: {{{check.id}: 0}}; that costs nothing and never varies."
            yield _warning(c, "question", f"is what the check {check.id} finds out: {check.question}", remedy)


def _hard(c: Criterion) -> Iterator[Finding]:
    if c.hard and not 0 < c.pass_at <= 5:
        yield _warning(c, "pass_at", f"is {c.pass_at:g}: nothing fails, or nothing passes.", "Pass at a value above 0 and at most 5.")
    if not c.hard and c.pass_at != 3.0:
        yield _warning(c, "pass_at", "rejects nothing, since the criterion is soft.", "Make it hard, or leave pass_at out.")
    if c.hard and c.answered_by == "judge" and not c.evidence:
        yield _warning(c, "hard", "rejects episodes without naming a place in them.", "Want evidence, or make it soft.")


def _evidence(c: Criterion) -> Iterator[Finding]:
    if c.answered_by == "judge" and not c.evidence and not c.hard:
        yield _warning(c, "evidence", "is not wanted, so nobody can look up why.", "Leave evidence out, or write true.")


def _applies(c: Criterion) -> Iterator[Finding]:
    """Where it applies, its checks have nothing to say."""
    refusing = {"refused"}
    doing = {"final_state", "required_calls", "call_order", "facts_told", "arguments_right", "records_right"}
    checks = set(c.checks)
    if c.answered_by == "check" and c.applies_when == "answerable" and checks <= refusing:
        yield _warning(c, "applies_when", "is answerable, where there is nothing to refuse.", "Write unanswerable, or name other checks.")
    if c.answered_by == "check" and c.applies_when == "unanswerable" and checks <= doing - {"final_state"}:
        yield _warning(c, "applies_when", "is unanswerable, where there is no task to be done.", "Write answerable, or name other checks.")


def _caps(c: Criterion) -> Iterator[Finding]:
    for check, cap in c.caps.items():
        if cap >= 5:
            yield _warning(c, "caps", f"leaves all 5 when {check} is broken.", "Lower it, or leave the check out.")


RULES: tuple[Callable[[Criterion], Iterator[Finding]], ...] = (_two_questions, _anchors, _checkable, _hard, _evidence, _applies, _caps)


def _weights(rubric: Rubric) -> Iterator[Finding]:
    whole = sum(c.weight for c in rubric.criteria)
    mean = whole / len(rubric.criteria)
    for c in rubric.criteria:
        share = c.weight / whole
        if share > HEAVY and len(rubric.criteria) > 1:
            yield _warning(
                c, "weight", f"is {share:.0%} of the whole: the others hardly count.", "Lower it, or make this one hard instead."
            )
        elif share < LIGHT:
            yield _warning(c, "weight", f"is {share:.1%} of the whole: it changes no score.", "Raise it, or leave the criterion out.")
        elif c.hard and c.weight < mean / 4:
            yield _warning(c, "hard", "rejects episodes, yet hardly weighs.", "Raise the weight, or make it soft.")


def _overlaps(rubric: Rubric) -> Iterator[Finding]:
    told = [(c, _grams(c.question)) for c in rubric.criteria]
    for position, (later, grams) in enumerate(told):
        for earlier, others in told[:position]:
            both = len(grams | others)
            if both and len(grams & others) / both >= ALIKE:
                remedy = "Ask one of them, or say in the anchors what each is about; what is asked twice weighs twice."
                yield _warning(later, "question", f"overlaps {earlier.id}: {earlier.question}", remedy)


def words_of(text: str) -> frozenset[str]:
    """Words that say what a question is about."""
    return frozenset(word for word in (w.casefold() for w in WORDS.findall(text)) if word not in COMMON)


def _grams(text: str) -> frozenset[str]:
    """Words and pairs of neighbouring words; of scripts without spaces pairs of characters."""
    words = [word.casefold() for word in WORDS.findall(text)]
    kept = [word for word in words if word not in COMMON]
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    return frozenset([*kept, *pairs])


def _warning(c: Criterion, part: str, problem: str, remedy: str) -> Finding:
    return Finding(f"criteria.{c.id}.{part}", problem, remedy, severity="warning")
