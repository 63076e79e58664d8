"""From criterion scores to one overall score."""

from collections.abc import Iterable, Sequence

from judging.engine.rubric import CriterionScore, Rubric


def overall(rubric: Rubric, scores: Iterable[CriterionScore]) -> float | None:
    """The weighted mean of the criteria that apply, 0-5, rounded to 3 places; None when none applies.

    A failed hard criterion limits it: an episode is not better than its worst hard failure.
    """
    weights = {criterion.id: criterion.weight for criterion in rubric.criteria}
    answered = [(score, score.value) for score in scores if score.value is not None]
    if not answered:
        return None
    mean = sum(weights[score.criterion] * value for score, value in answered) / sum(weights[score.criterion] for score, _ in answered)
    limits = [value for score, value in answered if score.failed_hard]
    return round(min([mean, *limits]), 3)


def hard_fails(scores: Sequence[CriterionScore]) -> list[str]:
    """Ids of the hard criteria that failed."""
    return [score.criterion for score in scores if score.failed_hard]
