"""Past episodes on which a draft of a rubric is tried, and what is known of them."""

from collections.abc import Collection
from typing import NamedTuple

from judging.engine.rubric import Rubric
from judging.engine.rubric_trial import Outcome, Sampled, Seen, outcome, sample
from judging.models import CheckResult, CriterionScore, Judgement, ReviewState, RubricVersion, Verdict
from judging.selectors.labels import labels
from judging.selectors.rubrics import rubric_of
from synthesis.engine.scenarios.scenario import UNANSWERABLE
from synthesis.models import Episode

NUMBER = 12
NEWEST = 500
"""Judged episodes among which the sample is drawn."""


class Tried(NamedTuple):
    """One episode under the published version and under the draft, with the values that people gave."""

    episode: Episode
    old: Outcome
    new: Outcome
    people: dict[str, int | None]


def tried(draft: Rubric, published: RubricVersion, *, hidden: Collection[int], number: int = NUMBER) -> list[Tried]:
    """About ``number`` episodes of every verdict, domain and variation, reviewed ones first; without ``hidden`` ones. Eight queries."""
    rows = sampled(hidden=hidden, number=number)
    body = rubric_of(published)
    seen = seen_of(list(rows.values()), published)
    people = people_about(list(rows), published)
    return [
        Tried(row.episode, outcome(body, seen[pk], body), outcome(draft, seen[pk], body), people.get(pk, {})) for pk, row in rows.items()
    ]


def people_about(episodes: Collection[int], published: RubricVersion) -> dict[int, dict[str, int | None]]:
    """What people said of these episodes: {episode: {criterion: value}}."""
    people: dict[int, dict[str, int | None]] = {}
    for label in labels(published, review__item__episode__in=list(episodes)):
        people.setdefault(label.episode, {}).setdefault(label.criterion, label.value)
    return people


def sampled(*, hidden: Collection[int], number: int = NUMBER) -> dict[int, Judgement]:
    """The deciding judgements of such episodes, by episode."""
    rows = {row.episode_id: row for row in _candidates(hidden)}
    reviewed = set(
        Verdict.objects.filter(review__state=ReviewState.SEALED, review__item__episode__in=list(rows))
        .order_by()
        .values_list("review__item__episode", flat=True)
        .distinct()
    )
    strata = [Sampled(pk, pk in reviewed, (row.passed, row.episode.domain, row.episode.variation)) for pk, row in rows.items()]
    return {pk: rows[pk] for pk in sample(strata, number)}


def _candidates(hidden: Collection[int]) -> list[Judgement]:
    rows = Judgement.objects.filter(decides=True, error="").exclude(episode__in=list(hidden))
    return list(rows.select_related("episode").defer("episode__cast", "reason").order_by("-pk")[:NEWEST])


def seen_of(rows: list[Judgement], published: RubricVersion) -> dict[int, Seen]:
    """What is known of the episodes of these deciding judgements, by episode."""
    broken: dict[int, set[str]] = {}
    for judgement, check in CheckResult.objects.filter(judgement__in=rows).values_list("judgement", "check_id"):
        broken.setdefault(judgement, set()).add(check)
    said: dict[int, dict[str, float | None]] = {}
    scores = CriterionScore.objects.filter(judgement__episode__in=[row.episode_id for row in rows], judgement__rubric_version=published)
    scores = scores.filter(judgement__error="", criterion__answered_by="judge").exclude(judgement__judge="programmatic")
    for episode, slug, value in scores.order_by("judgement").values_list("judgement__episode", "criterion__slug", "value"):
        said.setdefault(episode, {})[slug] = value
    return {
        row.episode_id: Seen(
            answerable=row.episode.variation not in UNANSWERABLE,
            calls=row.episode.calls > 0,
            checks=row.checks,
            broken=frozenset(broken.get(row.pk, ())),
            said=said.get(row.episode_id, {}),
        )
        for row in rows
    }
