"""Trials of rubrics: asked for, taken with a lease, put off, stopped, done; and a wording that is accepted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from judging.engine.judges.panel import Split
from judging.engine.judges.programmatic import Judged
from judging.engine.rewording import Proposal
from judging.engine.rubric import Rubric
from judging.models import RubricTrial, RubricVersion, TrialAnswer, TrialStatus
from synthesis.services.jobs import job_take_due

GOING = [TrialStatus.QUEUED, TrialStatus.WORKING]


class TrialRefused(ValueError):
    """What was asked for cannot be done as things stand, in one clear sentence."""


def trial_create(*, facts: Mapping[str, Any], asked_by: str, now: datetime) -> RubricTrial:
    """Note that somebody wants a trial; ``facts`` are columns of its row. Raises TrialRefused: nothing is chosen, or it goes on already."""
    if not facts["episodes"]:
        raise TrialRefused("There is no episode to try it on.")
    with transaction.atomic():
        # One asks at a time: two trials of one thing would pay for the same answers twice.
        RubricVersion.objects.select_for_update(no_key=True).get(pk=facts["published"].pk)
        same = RubricTrial.objects.filter(
            status__in=[*GOING, TrialStatus.STOPPED], published=facts["published"], criterion=facts.get("criterion")
        )
        if same.exists():
            raise TrialRefused("A trial of it is under way already. Wait for it, or end it early.")
        return RubricTrial.objects.create(**facts, asked_by=asked_by[:150], created=now, asked=now)


def trial_take(*, trial_id: int, lease: timedelta, now: datetime) -> int:
    """The caller's epoch when the work is the caller's until the lease ends; 0 when it is somebody else's or nobody's yet."""
    job = RubricTrial.objects.filter(pk=trial_id)
    return job_take_due(job=job, working=TrialStatus.WORKING, lease=lease, now=now)


def trial_go_on(*, trial_id: int, epoch: int, lease: timedelta, now: datetime) -> bool:
    """Whether it is still the caller's; then for another lease."""
    return bool(_held(trial_id, epoch).update(lease_until=now + lease))


def trial_propose(*, trial_id: int, epoch: int, proposal: Proposal | None, rubric: Rubric | None, cost: int) -> bool:
    """Keep the wording that is tried from now on, or only what asking for one ``cost``. False when it is no longer the caller's."""
    told: dict[str, Any] = {"cost": F("cost") + cost}
    if proposal is not None:
        told |= {"proposal": msgspec.to_builtins(proposal, str_keys=True), "body": msgspec.to_builtins(rubric, str_keys=True)}
    return bool(_held(trial_id, epoch).update(**told))


def trial_answer(*, trial_id: int, epoch: int, found: Mapping[int, tuple[Judged, Sequence[Split], int]]) -> bool:
    """Keep what the judge said, by episode: its view, a panel's splits, the cost. False when it is no longer the caller's."""
    with transaction.atomic():
        if not _held(trial_id, epoch).update(cost=F("cost") + sum(cost for _judged, _splits, cost in found.values())):
            return False
        rows = [_answer(trial_id, episode, judged, splits) for episode, (judged, splits, _cost) in found.items()]
        TrialAnswer.objects.bulk_create(rows, ignore_conflicts=True)
    return True


def _answer(trial_id: int, episode: int, judged: Judged, splits: Sequence[Split]) -> TrialAnswer:
    return TrialAnswer(
        trial_id=trial_id,
        episode_id=episode,
        values={score.criterion: score.value for score in judged.scores},
        reasons={score.criterion: score.reason for score in judged.scores},
        votes={split.criterion: split.values for split in splits},
        overall=judged.overall,
        passed=None if judged.error else not judged.hard,
        error=judged.error or "",
    )


def trial_put_off(*, trial_id: int, epoch: int, until: datetime) -> None:
    """Give it back until a model can be asked again."""
    _held(trial_id, epoch).update(status=TrialStatus.QUEUED, lease_until=None, not_before=until)


def trial_end(*, trial_id: int, epoch: int, status: TrialStatus, problem: str = "", now: datetime) -> bool:
    """It is done, failed, or stopped until a person acts."""
    over = None if status == TrialStatus.STOPPED else now
    return bool(_held(trial_id, epoch).update(status=status, problem=problem[:2000], lease_until=None, finished=over))


def trial_resume(*, trial_id: int, budget: int | None, now: datetime) -> None:
    """Let one that stopped go on, with another ``budget`` if one is given. Raises TrialRefused."""
    stopped = RubricTrial.objects.filter(pk=trial_id, status=TrialStatus.STOPPED)
    raised = {} if budget is None else {"budget": budget}
    if not stopped.update(status=TrialStatus.QUEUED, problem="", asked=now, not_before=None, **raised):
        raise TrialRefused("It does not stand still.")


def trial_cancel(*, trial_id: int, now: datetime) -> None:
    """End one early; what was answered stays. Raises TrialRefused."""
    going = RubricTrial.objects.filter(pk=trial_id, status__in=[*GOING, TrialStatus.STOPPED])
    if not going.update(status=TrialStatus.CANCELLED, finished=now, lease_until=None, epoch=F("epoch") + 1):
        raise TrialRefused("It is over already.")


def trial_accepted(*, trial_id: int, by: str, now: datetime) -> None:
    """Note that its wording went into the draft."""
    RubricTrial.objects.filter(pk=trial_id).update(accepted=now, accepted_by=by[:150])


def _held(trial_id: int, epoch: int) -> Any:
    return RubricTrial.objects.filter(pk=trial_id, epoch=epoch, status=TrialStatus.WORKING)
