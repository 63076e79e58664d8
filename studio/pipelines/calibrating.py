"""Calibrations: asked for at a door, worked on by a worker, asked for again by the tick when a message was lost."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.assessment import FinishedEpisode
from judging.engine.mutation.mutate import Mutant as Damaged
from judging.engine.mutation.mutate import Mutator
from judging.engine.mutation.subject import Subject
from judging.models import Calibration
from judging.selectors import trust
from judging.selectors.subjects import subject_ids, subjects
from judging.services.calibrations import (
    CalibrationRefused,
    Finding,
    calibration_compute,
    calibration_create,
    calibration_failed,
    calibration_put_off,
    calibration_renew,
    calibration_take,
    findings_write,
    look_note,
    mutants_write,
)
from studio import queue
from studio.access import audit
from studio.pipelines.examining import Examiner, examiner_of
from studio.pipelines.jobs import PATIENCE, Lost, ask_again, ask_worker
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.chat.errors import Parked, Stopped
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.wording import starter_wording
from synthesis.selectors import catalog

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""Renewed after every batch of episodes."""
BATCH = 8
"""Episodes that are damaged and judged before anything is written."""
CHUNK = 48
"""Damaged plays that are judged before what was found is kept and the lease is renewed."""
AT_ONCE = 8
"""Of them side by side: a model takes seconds for each."""
NO_LONGER = "This version of the judge can no longer be put to work, so nothing was damaged for it."


class Task(NamedTuple):
    """A damaged play to be put before the judge."""

    mutant: int
    kind: str
    item: FinishedEpisode


def calibration_ask(*, actor: User, judge_version: str, damage: int, seed: int = 1) -> Calibration:
    """Ask how far a judge can be trusted, with so many passing episodes damaged. Raises CalibrationRefused."""
    row = trust.judge_version(judge_version)
    if row is None:
        raise CalibrationRefused("This judge has judged nothing yet.")
    label = f"{row.judge} {judge_version[:8]}"
    with audit.change(actor, "judges.calibrate", "judge", judge_version, label, note=f"{damage} episodes damaged") as told:
        made = calibration_create(
            judge_version=judge_version, judge=row.judge, rubric_version=row.rubric_version, damage=damage, seed=seed,
            asked_by=actor.get_username(), now=timezone.now(),
        )  # fmt: skip
        told.after = audit.row_facts(made, "damage", "seed")
        ask_worker(queue.calibration_enqueue, made.pk)
    return made


def look(*, actor: User, calibration: Calibration) -> None:
    """Somebody looks at the test part: noted once for each person."""
    if look_note(calibration=calibration, by=actor.get_username(), now=timezone.now()):
        with audit.change(actor, "judges.look", "judge", calibration.judge_version, f"{calibration.judge} {calibration.judge_version[:8]}"):
            pass


def calibration_run(*, calibration_id: int, examiner_for: Callable[[str], Examiner | None] = examiner_of) -> str:
    """Work on a calibration. Does nothing when somebody else does. Returns its status ("gone" when there is no such calibration)."""
    attempt = calibration_take(calibration_id=calibration_id, lease=LEASE, now=timezone.now())
    if not attempt:
        row = trust.calibration_get(calibration_id)
        return row.status if row else "gone"
    calibration = trust.calibration_get(calibration_id)
    assert calibration is not None
    try:
        note = _damage(calibration, attempt, examiner_for) if calibration.damage else ""
        if calibration_compute(calibration=calibration, attempt=attempt, now=timezone.now(), note=note) is None:
            raise Lost
    except Lost:
        return "lost"
    except Parked as parked:
        # The tick asks again; what was found until now is kept.
        until = timezone.now() + timedelta(seconds=parked.seconds)
        calibration_put_off(calibration_id=calibration_id, attempt=attempt, asked=until - PATIENCE)
        return "queued"
    except Stopped as stopped:
        told = f"The judge cannot be asked: {stopped}"
        calibration_failed(calibration_id=calibration_id, attempt=attempt, error=told, now=timezone.now())
        return "failed"
    except Exception:
        logger.exception("calibration %s", calibration_id)
        told = "The studio could not work it out; its log says why."
        calibration_failed(calibration_id=calibration_id, attempt=attempt, error=told, now=timezone.now())
        raise
    return "done"


def _damage(calibration: Calibration, attempt: int, examiner_for: Callable[[str], Examiner | None]) -> str:
    """Damage episodes and put the judge before them; a sentence for the report, "" when all went well."""
    examiner = examiner_for(calibration.judge_version)
    if examiner is None:
        return NO_LONGER
    wanted = subject_ids(calibration.judge_version, calibration.seed)[: calibration.damage]
    for start in range(0, len(wanted), BATCH):
        batch = list(subjects(wanted[start : start + BATCH]))
        by_release = catalog.packs(sorted({world.release for subject in batch for world in subject.scenario.worlds}))
        made = asyncio.run(_damaged(batch, by_release))
        kept = {subject.episode: mutants_write(damaged=made[subject.episode], whole=subject.events) for subject in batch}
        judged = trust.mutants_judged(calibration.judge_version, [mutant.pk for rows in kept.values() for mutant in rows])
        tasks = [
            Task(mutant.pk, mutant.kind, FinishedEpisode(-mutant.pk, subject.scenario, msgspec.convert(mutant.events, list[Event])))
            for subject in batch
            for mutant in kept[subject.episode]
            if mutant.pk not in judged
        ]
        for first in range(0, len(tasks), CHUNK):
            found, later = asyncio.run(_examined(examiner, tasks[first : first + CHUNK], by_release))
            findings_write(judge_version=calibration.judge_version, findings=found)
            if later:
                raise later
            if not calibration_renew(calibration_id=calibration.pk, attempt=attempt, lease=LEASE, now=timezone.now()):
                raise Lost
    return ""


async def _damaged(batch: Sequence[Subject], packs: Mapping[str, Pack]) -> dict[int, list[Damaged]]:
    async with SandboxPool(packs.__getitem__, processes=1) as worlds:
        return {subject.episode: await _mutator(subject, worlds, packs).mutants(subject) for subject in batch}


def _mutator(subject: Subject, worlds: Worlds, packs: Mapping[str, Pack]) -> Mutator:
    """With the packs of just the releases that the episode was played in: two of its batch may have met different ones of a domain."""
    return Mutator(worlds, {world.domain: packs[world.release] for world in subject.scenario.worlds}, starter_wording())


async def _examined(
    examiner: Examiner, tasks: Sequence[Task], packs: Mapping[str, Pack]
) -> tuple[dict[int, Finding], BaseException | None]:
    """What was found, by mutant; and why the others have to wait for a moment or a person, if they do. What fails otherwise is raised."""
    places = asyncio.Semaphore(AT_ONCE)
    async with SandboxPool(packs.__getitem__, processes=1) as worlds, examiner.at_work():

        async def examine(task: Task) -> Finding:
            async with places:
                return await examiner.examine(task.item, task.kind, worlds, packs)

        answers = await asyncio.gather(*(examine(task) for task in tasks), return_exceptions=True)
    found = {task.mutant: answer for task, answer in zip(tasks, answers, strict=True) if isinstance(answer, Finding)}
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    if worst := next((error for error in failed if not isinstance(error, Parked | Stopped)), None):
        raise worst
    # Somebody who has to act comes before a moment that has to come.
    return found, next((error for error in failed if isinstance(error, Stopped)), failed[0] if failed else None)


def calibrations_ask_again(*, now: datetime) -> list[int]:
    """Enqueue calibrations whose message or worker was lost. Returns their ids."""
    return ask_again(Calibration.objects, trust.calibrations_lost, queue.calibration_enqueue, now=now)
