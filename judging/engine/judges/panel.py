"""A panel: several judges of one episode, their median for each criterion, and how far they are apart."""

from collections.abc import Sequence
from statistics import median

import msgspec

from judging.engine.judges.model import ModelVerdict
from judging.engine.rubric import BEST, Criterion, CriterionScore, Rubric
from synthesis.engine.chat.model import Usage

KIND = "panel"


class Split(msgspec.Struct, frozen=True):
    """How a panel stands to one criterion: the values of its members (None: does not apply), their spread (0-5), and whether they disagree
    about a hard criterion, which is for people to settle.
    """

    criterion: str
    values: list[float | None]
    spread: float
    disputed: bool


class PanelVerdict(msgspec.Struct, frozen=True):
    """The panel's verdict, in the form of a single model's; ``splits`` for every criterion; ``absent`` says why members are missing."""

    verdict: ModelVerdict
    splits: list[Split]
    absent: list[str]


def combined(verdicts: Sequence[ModelVerdict], rubric: Rubric) -> PanelVerdict:
    """What the members say together. Members that failed are left out; fewer than half of them is no panel but an error."""
    there = [verdict for verdict in verdicts if not verdict.error]
    absent = [verdict.error for verdict in verdicts if verdict.error]
    usage = Usage(attempts=0)
    for verdict in verdicts:
        usage = usage.plus(verdict.usage)
    if len(there) * 2 <= len(verdicts):
        error = f"{len(absent)} of {len(verdicts)} judges failed: {'; '.join(absent)}"
        return PanelVerdict(ModelVerdict([], usage, error), [], absent)
    given = [{score.criterion: score for score in verdict.scores} for verdict in there]
    pairs = [_settled(criterion, [scores[criterion.id] for scores in given]) for criterion in rubric.criteria]
    return PanelVerdict(ModelVerdict([score for score, _ in pairs], usage), [split for _, split in pairs], absent)


def _settled(criterion: Criterion, scores: Sequence[CriterionScore]) -> tuple[CriterionScore, Split]:
    values = [score.value for score in scores]
    counted = sorted(value for value in values if value is not None)
    # Whether a criterion applies is a question of its own, settled by the majority; in a tie it applies, so that nothing is passed over.
    if len(counted) * 2 < len(values):
        return CriterionScore(criterion.id, None, "does not apply"), Split(criterion.id, values, 0.0, False)
    middle = float(median(counted))
    fails = {value < criterion.pass_at for value in counted}
    split = Split(criterion.id, values, counted[-1] - counted[0], criterion.hard and len(fails) > 1)
    # The words and the evidence of whoever is nearest to the median; among equals of the first.
    voice = min((score for score in scores if score.value is not None), key=lambda score: abs((score.value or 0.0) - middle))
    failed = criterion.hard and middle < criterion.pass_at
    return CriterionScore(criterion.id, min(middle, BEST), voice.reason, voice.evidence, failed), split
