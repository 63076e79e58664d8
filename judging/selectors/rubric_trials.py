"""Trials of rubrics by model judges: what waits, how far one is, what it found."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from judging.engine.rewording import Proposal, Settles, reworded, settles
from judging.engine.rubric import Criterion, Rubric
from judging.engine.rubric_trial import Outcome, outcome
from judging.engine.worksheet import Case, Worksheet
from judging.models import Judgement, RubricTrial, TrialAnswer, TrialStatus
from judging.selectors.rubric_trial import Tried, people_about, seen_of
from judging.selectors.rubrics import rubric_of
from synthesis.models import Episode
from synthesis.selectors.jobs import due, jobs_lost


class Settled(NamedTuple):
    """One disputed item under the new wording: what the judge said (None: nothing yet, or it failed), and whether that settles it."""

    case: Case
    answer: TrialAnswer | None
    value: float | None
    settles: Settles


def trial_get(trial_id: int) -> RubricTrial | None:
    """One trial with its rubric and question, or None."""
    rows = RubricTrial.objects.select_related("published__rubric", "criterion__version__rubric")
    return rows.filter(pk=trial_id).first()


def trials(
    *, rubric: str | None = None, criterion: int | None = None, drafts: bool = False, after: int | None = None, limit: int = 20
) -> Sequence[RubricTrial]:
    """Newest first, of a rubric (by slug) or a question; ``drafts``: without those of wordings."""
    rows = RubricTrial.objects.select_related("published__rubric", "criterion").defer("body", "sheet", "published__body")
    if rubric is not None:
        rows = rows.filter(published__rubric__slug=rubric)
    if criterion is not None:
        rows = rows.filter(criterion=criterion)
    if drafts:
        rows = rows.filter(criterion=None)
    return list((rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")[:limit])


def trials_lost(*, now: datetime, asked_before: datetime) -> list[int]:
    """Those that nobody works at although a worker was asked for before ``asked_before`` and their moment has come, oldest first."""
    return jobs_lost(RubricTrial.objects.filter(due(now)), working=TrialStatus.WORKING, now=now, asked_before=asked_before)


def episodes_left(trial: RubricTrial) -> list[Episode]:
    """Episodes about which nobody was asked yet, in order, with their scenarios."""
    answered = set(TrialAnswer.objects.filter(trial=trial).values_list("episode", flat=True))
    left = [episode for episode in trial.episodes if episode not in answered]
    rows = Episode.objects.select_related("scenario").filter(scenario__isnull=False).in_bulk(left)
    return [rows[episode] for episode in left if episode in rows]


def done_of(trial: RubricTrial) -> tuple[int, int]:
    """How many episodes were answered, and about how many of them the judge failed."""
    errors = list(TrialAnswer.objects.filter(trial=trial).values_list("error", flat=True))
    return len(errors), sum(bool(error) for error in errors)


def tried_by(trial: RubricTrial, *, hidden: Collection[int]) -> list[Tried]:
    """The published version and the draft side by side, on the episodes that the judge has answered; without ``hidden`` ones."""
    answers = {row.episode_id: row for row in TrialAnswer.objects.filter(trial=trial, error="").exclude(episode__in=list(hidden))}
    rows = Judgement.objects.filter(decides=True, episode__in=answers).select_related("episode").defer("episode__cast", "reason")
    by_episode = {row.episode_id: row for row in rows}
    body = rubric_of(trial.published)
    seen = seen_of(list(by_episode.values()), trial.published)
    people = people_about(list(answers), trial.published)
    return [
        Tried(by_episode[pk].episode, outcome(body, seen[pk], body), _new(answers[pk]), people.get(pk, {}))
        for pk in trial.episodes
        if pk in by_episode
    ]


def _new(answer: TrialAnswer) -> Outcome:
    return Outcome(dict(answer.values), answer.overall, answer.passed, [])


def settled_by(trial: RubricTrial, *, hidden: Collection[int]) -> list[Settled]:
    """The disputed items of a worded question, but of ``hidden`` episodes, with what the judge says under the new wording."""
    sheet, criterion = sheet_of(trial), new_criterion(trial)
    answers = {row.episode_id: row for row in TrialAnswer.objects.filter(trial=trial)}
    found = []
    for case in sheet.cases:
        if case.episode in hidden:
            continue
        answer = answers.get(case.episode)
        sound = answer is not None and not answer.error
        value = answer.values.get(criterion.id) if answer and sound else None
        votes = answer.votes.get(criterion.id, []) if answer else []
        found.append(Settled(case, answer, value, settles(criterion, case, sound, value, votes)))
    return found


def sheet_of(trial: RubricTrial) -> Worksheet:
    """The worksheet that a wording was drafted from. JSON made texts of the anchors' values."""
    return msgspec.convert(trial.sheet, Worksheet, strict=False)


def proposal_of(trial: RubricTrial) -> Proposal | None:
    """The wording that was drafted, or None before it is there."""
    return msgspec.convert(trial.proposal, Proposal, strict=False) if trial.proposal else None


def old_criterion(trial: RubricTrial) -> Criterion:
    """The disputed question as it is published."""
    assert trial.criterion is not None, "it words a question anew"
    slug = trial.criterion.slug
    return next(criterion for criterion in rubric_of(trial.published).criteria if criterion.id == slug)


def new_criterion(trial: RubricTrial) -> Criterion:
    """The same in the new words, once they are there."""
    proposal = proposal_of(trial)
    return old_criterion(trial) if proposal is None else reworded(old_criterion(trial), proposal)


def body_of(trial: RubricTrial) -> Rubric:
    """The rubric that is tried."""
    return msgspec.convert(trial.body, Rubric, strict=False)
