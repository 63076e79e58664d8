"""Labels: what people say, settled, for whoever compares judges with people.

Only sealed, blind reviews of the work count, each person once, in the newest version. Probes (gold and repeated items) are left out.
Where a criterion was adjudicated, that is its label; where it was found ambiguous, it has none.

Labels follow a rubric from version to version as was declared when each was published (selectors.lineage).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Q

from judging.engine.disputes import settled_value
from judging.engine.rubric import Criterion, Rubric
from judging.models import Adjudication, AdjudicationOutcome, ReviewMode, ReviewState, RubricVersion, Verdict
from judging.selectors.lineage import origins
from judging.selectors.rubrics import rubric_of


class Opinion(NamedTuple):
    """One person's answer to one criterion of one item. ``value`` 0-5; None: it does not apply.

    ``informed``: given in a revision after its author had seen the judge's answers: no longer blind, so out of agreement, though it counts
    as what they hold to be true.
    """

    item: int
    episode: int
    scenario: str | None
    criterion: str
    reviewer: int
    value: int | None
    informed: bool
    stratum: str
    probability: float


class Label(NamedTuple):
    """The settled value of one criterion of one item. ``value`` 0-5; None: it does not apply. ``people`` is how many answered.

    ``settled`` says how: ``single`` (one person), ``agreed`` (several, on one side), ``adjudicated``. ``waits``: a person differs from the
    judge here and nobody has settled it yet. ``stratum`` and ``probability`` say how the item came to be chosen. ``carried``: the answer
    was given to an older version, whose wording had the ``same`` meaning or was ``reworded`` since; "" to this very version.
    """

    item: int
    episode: int
    scenario: str | None
    criterion: str
    value: int | None
    settled: str
    people: int
    waits: bool
    stratum: str
    probability: float
    carried: str = ""


def opinions(version: RubricVersion, *, blind: bool = False, **where: Any) -> Iterator[Opinion]:
    """Every person's answers to this version of the rubric, by item, criterion and person.

    ``blind``: the first versions, as they were sealed before anything was revealed; else the newest. ``where`` are filters of Verdict, for
    instance ``review__item__episode__run=run``.
    """
    version_of_each = Q(review__revises__isnull=True) if blind else Q(review__revision__isnull=True)
    rows = Verdict.objects.filter(
        version_of_each,
        review__state=ReviewState.SEALED,
        review__item__probe="",
        review__item__queue__mode=ReviewMode.BLIND,
        review__item__queue__rubric_version=version,
        answered=True,
        **where,
    )
    columns = rows.order_by("review__item", "criterion__position", "review").values_list(
        "review__item", "review__item__episode", "review__item__episode__scenario", "criterion__slug", "review__reviewer", "value",
        "review__revises", "review__revealed", "review__item__stratum", "review__item__probability",
    )  # fmt: skip
    for item, episode, scenario, criterion, reviewer, value, revises, revealed, stratum, probability in columns.iterator(2000):
        informed = revises is not None and revealed is not None
        yield Opinion(item, episode, scenario, criterion, reviewer, value, informed, stratum, probability)


def labels(version: RubricVersion, **where: Any) -> Iterator[Label]:
    """The settled value of every criterion of every item under this version of the rubric, then what it takes over from older versions:
    of episodes whose criterion has no newer answer. Three queries, and three for each older version.

    What people differ about on a hard criterion, and nobody has settled, is no label. ``where`` as in ``opinions``.
    """
    older = origins(version)
    answered: set[tuple[int, str]] = set()
    for episode, slug, label in _given(version, **where):
        if older:
            answered.add((episode, slug))
        if label is not None:
            yield label
    for row in RubricVersion.objects.filter(pk__in=older).order_by("-number"):
        here = [
            (episode, older[row.pk][slug], label)
            for episode, slug, label in _given(row, **where)
            if slug in older[row.pk] and (episode, older[row.pk][slug].slug) not in answered
        ]
        answered |= {(episode, origin.slug) for episode, origin, _label in here}
        yield from (label._replace(criterion=origin.slug, carried=origin.meaning) for _episode, origin, label in here if label is not None)


def _given(version: RubricVersion, **where: Any) -> Iterator[tuple[int, str, Label | None]]:
    """What was answered to this very version: episode, criterion, and the label where it is settled."""
    rubric = rubric_of(version)
    known = _adjudicated(version)
    for (item, criterion), group in groupby(opinions(version, **where), key=lambda opinion: (opinion.item, opinion.criterion)):
        given = list(group)
        yield given[0].episode, criterion, _label(_criterion(rubric, criterion), given, known.get((item, criterion)))


def _criterion(rubric: Rubric, slug: str) -> Criterion:
    return next(criterion for criterion in rubric.criteria if criterion.id == slug)


def _adjudicated(version: RubricVersion) -> dict[tuple[int, str], tuple[str, int | None]]:
    rows = Adjudication.objects.filter(current=True, criterion__version=version)
    return {
        (item, slug): (outcome, value) for item, slug, outcome, value in rows.values_list("item", "criterion__slug", "outcome", "value")
    }


def _label(criterion: Criterion, group: list[Opinion], adjudicated: tuple[str, int | None] | None) -> Label | None:
    first = group[0]
    outcome, value = adjudicated or ("", None)
    settled = "adjudicated"
    if outcome == AdjudicationOutcome.AMBIGUOUS:
        return None
    if not outcome:
        one_thing, value = settled_value(criterion, [opinion.value for opinion in group])
        if not one_thing:
            return None
        settled = "single" if len(group) == 1 else "agreed"
    waits = adjudicated is not None and not outcome
    return Label(
        first.item, first.episode, first.scenario, first.criterion, value, settled, len(group), waits, first.stratum, first.probability
    )  # fmt: skip
