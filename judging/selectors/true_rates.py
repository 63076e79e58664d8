"""How good the episodes of a run truly are, from what is known of the judges that decide about them."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast

from judging.engine.calibration.sample import Split
from judging.engine.statistics.rates import Confusion, Weighed
from judging.engine.statistics.result import Estimate, Result, Silence
from judging.engine.statistics.true_rate import rogan_gladen, weighted_difference
from judging.models import Judgement, RubricVersion
from judging.selectors.known import verdicts_in
from judging.selectors.trust import looks, newest_done, report_of

MOST = 4
"""Judges of one run that are told of: those with the most episodes."""


class TrueRate(NamedTuple):
    """One judge's view of a run: it decides about ``of`` episodes and passed ``passed``. ``by_judge`` is the true share of good ones from
    how the judge errs elsewhere, ``by_reviews`` from what people say of some of these very episodes.
    """

    judge: str
    judge_version: str
    of: int
    passed: int
    by_judge: Result
    by_reviews: Result

    @property
    def known(self) -> bool:
        """Whether there is anything to tell."""
        return isinstance(self.by_judge, Estimate) or isinstance(self.by_reviews, Estimate)

    @property
    def share(self) -> float:
        """What the judge says, 0-1."""
        return self.passed / self.of


def true_rates(run_id: int) -> Sequence[TrueRate]:
    """For each judge that decides about episodes of the run, where anything is known of it; a handful of queries for each judge."""
    rows = Judgement.objects.filter(episode__run=run_id, decides=True, error="").order_by()
    # As text: PostgreSQL compares no JSON.
    texts = rows.annotate(hard=Cast("hard_fails", TextField())).values_list("judge", "judge_version", "rubric_version")
    counted = texts.annotate(of=Count("pk"), good=Count("pk", filter=Q(passed=True, hard="[]")))
    found = [_rate(run_id, *row) for row in counted.order_by("-of", "judge_version")[:MOST]]
    return [rate for rate in found if rate.known]


def _rate(run_id: int, judge: str, version: str, rubric: int, of: int, passed: int) -> TrueRate:
    reviewed = [Weighed(one.good, one.passed, one.weight) for one in verdicts_in(run_id, version, RubricVersion.objects.get(pk=rubric))]
    known = _confusion(version)
    by_judge = rogan_gladen(passed, of, known, random.Random(f"{run_id}|{version}")) if known else Silence("no_labels", of)
    return TrueRate(judge, version, of, passed, by_judge, weighted_difference(passed, of, reviewed))


def _confusion(version: str) -> Confusion | None:
    """How the judge's verdicts stand to people's, in the part that its badge rests on; None where that is not known."""
    calibration = newest_done(version)
    if calibration is None:
        return None
    report = report_of(calibration)
    open_parts: Sequence[Split] = ("test", "dev") if looks(calibration.pk) else ("dev",)
    for split in open_parts:
        verdict = report.parts[split].criteria[0]
        if isinstance(verdict.rates.balanced, Estimate):
            return verdict.counts
    return None
