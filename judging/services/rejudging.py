"""Judging again: asked for, taken with a lease, put off, stopped, done; then adopted or put back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from judging.engine.judges.spec import JudgeSpec
from judging.models import Judgement, Rejudging, RejudgingStatus
from judging.selectors import rejudging as selectors
from judging.selectors.rubrics import rubric_version
from judging.services.adjudications import disputes_rejudged
from judging.services.datasets import dataset_build
from synthesis.models import Run, RunStatus
from synthesis.services.jobs import job_take_due

OPEN = [RejudgingStatus.QUEUED, RejudgingStatus.WORKING]
AT_ONCE = 500


class RejudgingError(Exception):
    """What was asked for cannot be done as things stand, in one clear sentence."""


def rejudging_create(
    *, run: Run, spec: JudgeSpec, filters: Mapping[str, str], estimate: Mapping[str, Any], asked_by: str, now: datetime
) -> Rejudging:
    """Note that somebody wants episodes judged again. Raises RejudgingError: none is chosen, or they are being judged."""
    chosen = selectors.chosen(run.pk, filters).count()
    if not chosen:
        raise RejudgingError("No judged episode of the run is chosen.")
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        under_way = Rejudging.objects.filter(run=run, status__in=[*OPEN, RejudgingStatus.STOPPED])
        # Compared here: PostgreSQL compares no two values of the type that keeps JSON as it was written.
        if spec.body() in under_way.values_list("spec", flat=True):
            raise RejudgingError("This judge is at work on the run already.")
        return Rejudging.objects.create(
            run=run,
            spec=spec.body(),
            rubric_version=rubric_version(spec.rubric),
            filters=dict(filters),
            episodes=chosen,
            estimate=dict(estimate),
            asked_by=asked_by[:150],
            created=now,
            asked=now,
        )


def rejudging_take(*, rejudging_id: int, lease: timedelta, now: datetime) -> int:
    """The caller's epoch when the work is the caller's until the lease ends; 0 when it is somebody else's or nobody's yet."""
    job = Rejudging.objects.filter(pk=rejudging_id)
    return job_take_due(job=job, working=RejudgingStatus.WORKING, lease=lease, now=now)


def rejudging_go_on(*, rejudging_id: int, epoch: int, lease: timedelta, now: datetime) -> bool:
    """Whether it is still the caller's; then for another lease."""
    return bool(_held(rejudging_id, epoch).update(lease_until=now + lease))


def rejudging_advance(*, rejudging_id: int, epoch: int, after: int, done: int, errors: int, cost: int, judges: Mapping[str, str]) -> bool:
    """Note how far it is; ``judges`` are the judge versions at work by rubric version. False when it is no longer the caller's."""
    moved = _held(rejudging_id, epoch).update(
        after=after, done=F("done") + done, errors=F("errors") + errors, cost=F("cost") + cost, judge_versions=dict(judges)
    )
    return bool(moved)


def rejudging_put_off(*, rejudging_id: int, epoch: int, until: datetime) -> None:
    """Give it back until a model can be asked again."""
    _held(rejudging_id, epoch).update(status=RejudgingStatus.QUEUED, lease_until=None, not_before=until)


def rejudging_end(*, rejudging_id: int, epoch: int, status: RejudgingStatus, problem: str = "", now: datetime) -> bool:
    """It is done, failed, or stopped until a person acts."""
    over = None if status == RejudgingStatus.STOPPED else now
    return bool(_held(rejudging_id, epoch).update(status=status, problem=problem[:2000], lease_until=None, finished=over))


def rejudging_resume(*, rejudging_id: int, now: datetime) -> None:
    """Let one that stopped go on. Raises RejudgingError."""
    stopped = Rejudging.objects.filter(pk=rejudging_id, status=RejudgingStatus.STOPPED)
    if not stopped.update(status=RejudgingStatus.QUEUED, problem="", asked=now, not_before=None):
        raise RejudgingError("It does not stand still.")


def rejudging_cancel(*, rejudging_id: int, now: datetime) -> None:
    """End one early; what was judged stays. Raises RejudgingError."""
    going = Rejudging.objects.filter(pk=rejudging_id, status__in=[*OPEN, RejudgingStatus.STOPPED])
    if not going.update(status=RejudgingStatus.CANCELLED, finished=now, lease_until=None, epoch=F("epoch") + 1):
        raise RejudgingError("It is over already.")


def rejudging_adopt(*, rejudging_id: int, by: str, now: datetime) -> int:
    """Let its judgements decide about their episodes; returns about how many. Its errors decide nothing. The run's own dataset is frozen
    anew, if there is one. Raises RejudgingError.
    """
    with transaction.atomic():
        job = Rejudging.objects.select_for_update().select_related("run").get(pk=rejudging_id)
        if job.status not in {RejudgingStatus.DONE, RejudgingStatus.CANCELLED} or job.adopted:
            raise RejudgingError("Only what is over, and does not decide already, can be adopted.")
        new = Judgement.objects.filter(selectors.found_by(job), error="", decides=False)
        pairs = dict(new.values_list("episode_id", "pk"))
        if not pairs:
            raise RejudgingError("It found nothing that could decide.")
        _decide(pairs, job)
        job.adopted, job.adopted_by = now, by[:150]
        job.save(update_fields=["adopted", "adopted_by"])
        _freeze_anew(job.run)
    return len(pairs)


def rejudging_put_back(*, rejudging_id: int) -> int:
    """Let those decide again that decided before it was adopted; returns about how many episodes. Raises RejudgingError."""
    with transaction.atomic():
        job = Rejudging.objects.select_for_update().select_related("run").get(pk=rejudging_id)
        if not job.adopted:
            raise RejudgingError("It was not adopted.")
        if Rejudging.objects.filter(run=job.run, adopted__gt=job.adopted).exists():
            raise RejudgingError("Something was adopted since then: put that back first.")
        pairs = dict(job.replaced.values_list("episode_id", "pk"))
        _decide(pairs, None)
        job.adopted, job.adopted_by = None, ""
        job.save(update_fields=["adopted", "adopted_by"])
        _freeze_anew(job.run)
    return len(pairs)


def _decide(pairs: Mapping[int, int], job: Rejudging | None) -> None:
    """Let these judgements (by episode) decide; those that did before are marked as replaced by ``job``, if there is one."""
    episodes = sorted(pairs)
    for start in range(0, len(episodes), AT_ONCE):
        some = episodes[start : start + AT_ONCE]
        Judgement.objects.filter(episode_id__in=some, decides=True).update(decides=False, replaced_by=job)
        Judgement.objects.filter(pk__in=[pairs[episode] for episode in some]).update(decides=True, replaced_by=None)
        disputes_rejudged(episode_ids=some)


def _freeze_anew(run: Run) -> None:
    if run.status in {RunStatus.FINISHED, RunStatus.CANCELLED} and selectors.has_dataset(run):
        dataset_build(run=run)


def _held(rejudging_id: int, epoch: int) -> Any:
    return Rejudging.objects.filter(pk=rejudging_id, epoch=epoch, status=RejudgingStatus.WORKING)
