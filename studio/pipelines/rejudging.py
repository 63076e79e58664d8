"""Judging again on request: asked for at a door, done by a worker, asked for again by the tick when a message was lost; then adopted."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.judges.spec import JudgeSpec, spec_of
from judging.models import Rejudging, RejudgingStatus
from judging.selectors import rejudging as selectors
from judging.services import Assessment, FinishedEpisode, judgements_write
from judging.services import rejudging as services
from judging.services.model_judging import Examined
from judging.services.rejudging import RejudgingError
from studio import queue
from studio.access import audit
from studio.pipelines.jobs import Lost, ask_again, ask_worker, beating, still_ours
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.rejudge_estimate import Estimate
from studio.pipelines.run_judge import RunJudge
from studio.pipelines.run_stage import RunStage
from synthesis.engine.chat.errors import Parked, Stopped
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode, Run
from synthesis.services.claims import read_logs
from synthesis.services.database import DatabaseThread

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BEAT = 10.0
BATCH = 32
"""Episodes that are judged side by side, and whose judgements share a transaction."""


def rejudge_ask(*, actor: User | None, run: Run, spec: JudgeSpec, filters: Mapping[str, str], said: Estimate) -> Rejudging:
    """Ask for it; ``said`` is the estimate that was shown. ``actor`` None: the command line. Raises RejudgingError."""
    facts: dict[str, Any] = {"run": run, "spec": spec, "filters": filters, "estimate": msgspec.to_builtins(said), "now": timezone.now()}
    if actor is None:
        return services.rejudging_create(asked_by="", **facts)
    with audit.change(actor, "judgements.rejudge", "run", run.pk, f"run {run.pk}", note=spec.kind) as told:
        job = services.rejudging_create(asked_by=actor.get_username(), **facts)
        told.after = {"rejudging": job.pk, **spec.body(), **filters}
        ask_worker(queue.rejudging_enqueue, job.pk)
    return job


def rejudge_run(*, rejudging_id: int) -> str:
    """Do it, or what is left of it. Does nothing when somebody else does. Returns its status ("gone" when there is none)."""
    epoch = services.rejudging_take(rejudging_id=rejudging_id, lease=LEASE, now=timezone.now())
    job = selectors.rejudging_get(rejudging_id)
    if not epoch or job is None:
        return job.status if job else "gone"
    end: dict[str, Any] = {"rejudging_id": rejudging_id, "epoch": epoch}
    try:
        asyncio.run(_Work(job, epoch).run())
    except Lost:
        return "lost"
    except Parked as parked:
        services.rejudging_put_off(**end, until=timezone.now() + timedelta(seconds=max(1.0, parked.seconds)))
        return "queued"
    except Stopped as stopped:
        services.rejudging_end(**end, status=RejudgingStatus.STOPPED, problem=str(stopped) or stopped.kind, now=timezone.now())
        return "stopped"
    except Exception:
        logger.exception("rejudging %s", rejudging_id)
        problem = "The studio could not finish it; its log says why."
        services.rejudging_end(**end, status=RejudgingStatus.FAILED, problem=problem, now=timezone.now())
        raise
    return "done" if services.rejudging_end(**end, status=RejudgingStatus.DONE, now=timezone.now()) else "lost"


class _Work:
    """One worker's turn at one round."""

    def __init__(self, job: Rejudging, epoch: int) -> None:
        self.job, self.epoch = job, epoch
        self.stage = RunStage(job.run)
        self.judge = RunJudge(spec_of(job.spec), self.stage.packs_by_digest)
        self.judges = {rubric: benches.deciding.judge_version for rubric, benches in self.judge.benches.items()}

    async def run(self) -> None:
        """Batch by batch, in order of index. Raises Lost, Parked, Stopped."""
        # Outside of the run's budget, which was for playing it; what it costs stands in the row.
        async with (
            DatabaseThread("rejudge") as self.database,
            DatabaseThread("heart") as heart,
            beating(lambda: heart.run(self._go_on), BEAT) as lost,
            self.stage.workshop() as worlds,
            ModelRoom(self.database, None) as self.judge.room,
        ):
            while batch := await self.database.run(self._next):
                if lost():
                    raise Lost
                await self._judge(batch, worlds)

    def _go_on(self) -> bool:
        which, now = self.job.pk, timezone.now()
        return still_ours(f"rejudging {which}", services.rejudging_go_on, rejudging_id=which, epoch=self.epoch, lease=LEASE, now=now)

    def _next(self) -> list[tuple[Episode, FinishedEpisode | None]]:
        """The next episodes; None in place of what the judge of such an episode has judged before."""
        rows = [(row, scenario_of(row)) for row in selectors.next_episodes(self.job, BATCH)]
        judged = selectors.judged_already([row.pk for row, _ in rows], self.judges.values())
        known = {row.pk for row, scenario in rows if (row.pk, self.judge.benches_for(scenario).deciding.judge_version) in judged}
        logs = read_logs([row.pk for row, _ in rows if row.pk not in known])
        return [(row, None if row.pk in known else FinishedEpisode(row.pk, scenario, logs.get(row.pk, []))) for row, scenario in rows]

    async def _judge(self, batch: Sequence[tuple[Episode, FinishedEpisode | None]], worlds: Any) -> None:
        items = [item for _, item in batch if item is not None]
        found = await asyncio.gather(*(self.judge.examine_item(item, worlds) for item in items), return_exceptions=True)
        # What was answered is kept even when another one of the batch has to wait.
        good = [item for item in found if not isinstance(item, BaseException)]
        cost = sum(_deciding(item).usage.cost for item in good)
        failed = [item for item in found if isinstance(item, BaseException)]
        last = batch[-1][0].index if not failed else self.job.after
        # A batch that is not whole is looked at again: only what it cost is final.
        errors = 0 if failed else sum(bool(_deciding(item).judged.error) for item in good)
        if not await self.database.run(self._store, good, last, 0 if failed else len(batch), errors, cost):
            raise Lost
        if failed:
            raise next((error for error in failed if not isinstance(error, Parked)), failed[0])
        self.job.after = last

    def _store(self, good: Sequence[Examined], after: int, done: int, errors: int, cost: int) -> bool:
        for by in dict.fromkeys(item.by for item in good):
            judgements_write(assessments=[_deciding(item) for item in good if item.by == by], bench=by.deciding, deciding=())
        return services.rejudging_advance(
            rejudging_id=self.job.pk,
            epoch=self.epoch,
            after=after,
            done=done,
            errors=errors,
            cost=cost,
            judges=self.judges,
        )


def _deciding(item: Examined) -> Assessment:
    return item.judged or item.checked


def scenario_of(row: Episode) -> Scenario:
    """Its scenario."""
    assert row.scenario, "a judged episode has a scenario"
    return msgspec.convert(row.scenario.body, Scenario)


def rejudgings_ask_again(*, now: datetime) -> list[int]:
    """Enqueue those whose message or worker was lost, or whose moment has come. Returns their ids."""
    return ask_again(Rejudging.objects, selectors.rejudgings_lost, queue.rejudging_enqueue, now=now)


def adopt(*, actor: User, job: Rejudging) -> int:
    """Let what it found decide; returns about how many episodes. Raises RejudgingError."""
    with _told(actor, job, "adopt") as told:
        number = services.rejudging_adopt(rejudging_id=job.pk, by=actor.get_username(), now=timezone.now())
        told.after = {"rejudging": job.pk, "judges": job.judge_versions, "episodes": number}
    return number


def put_back(*, actor: User, job: Rejudging) -> int:
    """Let those decide that did before. Raises RejudgingError."""
    with _told(actor, job, "put back") as told:
        number = services.rejudging_put_back(rejudging_id=job.pk)
        told.after = {"rejudging": job.pk, "episodes": number}
    return number


def cancel(*, actor: User, job: Rejudging) -> None:
    """End it early. Raises RejudgingError."""
    with _told(actor, job, "cancel"):
        services.rejudging_cancel(rejudging_id=job.pk, now=timezone.now())


def resume(*, actor: User, job: Rejudging) -> None:
    """Let it go on after a person acted. Raises RejudgingError."""
    with _told(actor, job, "resume"):
        services.rejudging_resume(rejudging_id=job.pk, now=timezone.now())
        ask_worker(queue.rejudging_enqueue, job.pk)


def _told(actor: User, job: Rejudging, note: str) -> Any:
    return audit.change(actor, "judgements.rejudge", "run", job.run_id, f"run {job.run_id}", note=f"{note} rejudging {job.pk}")


__all__ = ["RejudgingError", "adopt", "cancel", "put_back", "rejudge_ask", "rejudge_run", "rejudgings_ask_again", "resume"]
