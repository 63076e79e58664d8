"""What judging again will cost, said before it is asked for."""

from collections.abc import Callable, Mapping
from math import sqrt
from statistics import mean, stdev

import msgspec

from judging.engine.judges.spec import JudgeSpec
from judging.engine.rubric import Rubric
from judging.selectors import rejudging
from judging.selectors.rubrics import rubric_of, rubric_version
from synthesis.models import Run
from synthesis.selectors import endpoints

LEAST = 5
"""Judgements of the past from which on an interval is said."""
CERTAIN = 1.96
"""Standard deviations to either side of an interval that holds 19 times of 20."""
CHARACTERS = 3.5
"""Of a token, about; fewer in Korean, which the width of the guess allows for."""
PROMPT = 1500
"""Tokens of rules, policy and rubric, about."""
ANSWER = 120
"""Tokens of the answer to one criterion, about."""
LOW, HIGH = 0.5, 2.5
"""How far off a guess from lengths may be: answers vary, and a bad one is asked for twice more."""


class Estimate(msgspec.Struct, frozen=True):
    """``expected`` cost in millionths of ``currency``, between ``low`` and ``high``, for so many ``episodes``. ``basis``: ``free`` (checks
    cost nothing), ``past`` (what such a judge took before, 19 times of 20), or ``guess`` (from lengths and prices).
    """

    episodes: int
    expected: int
    low: int
    high: int
    currency: str
    basis: str


def estimate(*, run: Run, spec: JudgeSpec, filters: Mapping[str, str]) -> Estimate:
    """What ``spec`` will cost for the chosen episodes."""
    number = rejudging.chosen(run.pk, filters).count()
    questions = max(questions_of(rubric_of(rubric_version(digest))) for digest in spec.rubrics) if spec.asks_models else 0
    return foreseen(spec=spec, number=number, questions=questions, length=lambda: rejudging.mean_length(run.pk, filters))


def foreseen(*, spec: JudgeSpec, number: int, questions: int, length: Callable[[], float], by_past: bool = True) -> Estimate:
    """What ``spec`` will cost for ``number`` episodes, asked so many ``questions``; ``length`` gives the mean characters of their logs.
    ``by_past`` False: what such a judge took before tells nothing, since it was asked more.
    """
    rows = endpoints.by_slug(spec.endpoints)
    currency = ", ".join(sorted({row.currency for row in rows.values()}))
    if not spec.asks_models:
        return Estimate(number, 0, 0, 0, currency, "free")
    past = rejudging.past_costs(spec.kind, spec.endpoints) if by_past else []
    if len(past) >= LEAST:
        middle, spread = mean(past) * number, CERTAIN * stdev(past) * sqrt(number * (1 + number / len(past)))
        return Estimate(number, round(middle), max(0, round(middle - spread)), round(middle + spread), currency, "past")
    read = PROMPT + length() / CHARACTERS
    each = sum((read * row.price_prompt + ANSWER * questions * row.price_completion) / 1_000_000 for row in rows.values())
    return Estimate(number, round(each * number), round(each * number * LOW), round(each * number * HIGH), currency, "guess")


def questions_of(rubric: Rubric) -> int:
    """How many questions a model is asked of a rubric, at most."""
    return sum(c.answered_by == "judge" for c in rubric.criteria) or len(rubric.criteria)
