"""Trying a rubric with a model judge: asked for at a door once it is clear what it costs, done by a worker; and accepting a wording."""

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.assessment import FinishedEpisode
from judging.engine.judges.panel import Split
from judging.engine.judges.programmatic import Judged
from judging.engine.judges.spec import spec_of
from judging.engine.rewording import alone, propose, reworded
from judging.models import RubricTrial, TrialStatus
from judging.selectors import rubric_trials as selectors
from judging.selectors.rubrics import rubric_of
from judging.services import judge_bench
from judging.services import rubric_trials as services
from judging.services.model_judging import ModelJudge, model_judge
from studio import queue
from studio.access import audit
from studio.pipelines.jobs import Lost, ask_again, ask_worker, beating, still_ours
from studio.pipelines.model_room import ModelRoom
from studio.pipelines.rejudging import scenario_of
from studio.pipelines.run_judge import Asking, judge_prompt
from studio.pipelines.trial_plans import Plan
from synthesis.adapters.sandbox import SandboxPool
from synthesis.engine.chat.errors import ChatError, Parked, Stopped
from synthesis.models import Episode
from synthesis.selectors import catalog, endpoints, prompts
from synthesis.services.claims import read_logs
from synthesis.services.database import DatabaseThread

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BEAT = 10.0
BATCH = 4
"""Episodes that are judged side by side: what comes in when the budget ends is no more than these."""
SPENT = "The budget is used up. Go on with a larger one, or end it here: what was answered stays."

Answered = tuple[Judged, Sequence[Split], int]


class Unworded(Exception):
    """No wording came of it."""


class Spent(Exception):
    """What is left of the budget does not do for one more episode."""


def trial_ask(*, actor: User, plan: Plan, budget: int | None = None) -> RubricTrial:
    """Ask for what ``plan`` foresees; it stops when ``budget`` (millionths; None: the upper end of what was foreseen) is used up.

    Raises TrialRefused.
    """
    slug = plan.published.rubric.slug
    note = f"wording of {plan.criterion.slug} tried" if plan.criterion else f"draft {plan.draft} tried"
    with audit.change(actor, "rubrics.edit", "rubric", slug, plan.published.rubric.name, note=note) as told:
        facts = {**plan.facts(), "budget": plan.estimate.high if budget is None else budget}
        trial = services.trial_create(facts=facts, asked_by=actor.get_username(), now=timezone.now())
        told.after = {"trial": trial.pk, **plan.spec.body()}
        ask_worker(queue.trial_enqueue, trial.pk)
    return trial


def trial_run(*, trial_id: int) -> str:
    """Do it, or what is left of it. Does nothing when somebody else does. Returns its status ("gone" when there is none)."""
    epoch = services.trial_take(trial_id=trial_id, lease=LEASE, now=timezone.now())
    trial = selectors.trial_get(trial_id)
    if not epoch or trial is None:
        return trial.status if trial else "gone"
    end: dict[str, Any] = {"trial_id": trial_id, "epoch": epoch}
    try:
        asyncio.run(_Work(trial, epoch).run())
    except Lost:
        return "lost"
    except Parked as parked:
        services.trial_put_off(**end, until=timezone.now() + timedelta(seconds=max(1.0, parked.seconds)))
        return "queued"
    except (Stopped, Spent) as stopped:
        services.trial_end(**end, status=TrialStatus.STOPPED, problem=str(stopped) or SPENT, now=timezone.now())
        return "stopped"
    except Unworded as unworded:
        services.trial_end(**end, status=TrialStatus.FAILED, problem=str(unworded), now=timezone.now())
        return "failed"
    except Exception:
        logger.exception("trial %s", trial_id)
        services.trial_end(
            **end, status=TrialStatus.FAILED, problem="The studio could not finish it; its log says why.", now=timezone.now()
        )
        raise
    return "done" if services.trial_end(**end, status=TrialStatus.DONE, now=timezone.now()) else "lost"


class _Work:
    """One worker's turn at one trial. Reads the database when it is made."""

    def __init__(self, trial: RubricTrial, epoch: int) -> None:
        self.trial, self.epoch, self.rng = trial, epoch, random.SystemRandom()
        self.left = selectors.episodes_left(trial)
        scenarios = [scenario_of(row) for row in self.left]
        self.packs = catalog.packs(sorted({world.release for scenario in scenarios for world in scenario.worlds}))
        self.checks = judge_bench()
        self.cost, self.judging, self.answered = trial.cost, 0, 0

    async def run(self) -> None:
        """The wording first, where one is wanted; then batch by batch. Raises Lost, Parked, Stopped, Spent, Unworded."""
        async with (
            DatabaseThread("trial") as self.database,
            DatabaseThread("heart") as heart,
            beating(lambda: heart.run(self._go_on), BEAT) as lost,
            SandboxPool(self.packs.__getitem__, processes=1) as self.worlds,
            ModelRoom(self.database, None) as self.room,
        ):
            if self.trial.body is None:
                await self._word()
            judge = await self.database.run(self._judge)
            for start in range(0, len(self.left), BATCH):
                if lost():
                    raise Lost
                await self._ask(judge, self.left[start : start + BATCH])

    def _go_on(self) -> bool:
        which, now = self.trial.pk, timezone.now()
        return still_ours(f"trial {which}", services.trial_go_on, trial_id=which, epoch=self.epoch, lease=LEASE, now=now)

    async def _word(self) -> None:
        prompt = await self.database.run(prompts.current, "reword")
        try:
            found = await propose(selectors.sheet_of(self.trial), self.room.model(self.trial.author, "author"), prompt, self.rng)
        except (Parked, Stopped):
            raise
        except ChatError as error:
            raise Unworded(f"{self.trial.author}: {error}") from error
        rubric = None
        if found.proposal is not None:
            rubric = alone(rubric_of(self.trial.published), reworded(selectors.old_criterion(self.trial), found.proposal))
            self.trial.body = msgspec.to_builtins(rubric, str_keys=True)
        kept = await self.database.run(
            services.trial_propose,
            trial_id=self.trial.pk,
            epoch=self.epoch,
            proposal=found.proposal,
            rubric=rubric,
            cost=found.usage.cost,
        )
        if not kept:
            raise Lost
        self.cost += found.usage.cost
        if found.proposal is None:
            raise Unworded(f"{self.trial.author}: {found.error}")

    def _judge(self) -> ModelJudge:
        spec = spec_of(self.trial.spec)
        return model_judge(
            spec=spec, rubric=selectors.body_of(self.trial), prompt=judge_prompt(), endpoints=endpoints.by_slug(spec.endpoints)
        )

    async def _ask(self, judge: ModelJudge, batch: Sequence[Episode]) -> None:
        """Ask about a batch and keep what was answered; of a wider batch than the budget allows only the first ones."""
        able = self._affordable(len(batch))
        logs = await self.database.run(read_logs, [row.pk for row in batch[:able]])
        items = [FinishedEpisode(row.pk, scenario_of(row), logs.get(row.pk, [])) for row in batch[:able]]
        answers = await asyncio.gather(*(self._examine(judge, item) for item in items), return_exceptions=True)
        found = {item.episode: answer for item, answer in zip(items, answers, strict=True) if not isinstance(answer, BaseException)}
        if not await self.database.run(services.trial_answer, trial_id=self.trial.pk, epoch=self.epoch, found=found):
            raise Lost
        took = sum(cost for _judged, _splits, cost in found.values())
        self.cost, self.judging, self.answered = self.cost + took, self.judging + took, self.answered + len(found)
        if failed := [answer for answer in answers if isinstance(answer, BaseException)]:
            raise next((error for error in failed if not isinstance(error, Parked)), failed[0])
        if able < len(batch):
            raise Spent

    def _affordable(self, wanted: int) -> int:
        """How many of ``wanted`` episodes what is left of the budget does for, by what one took until now. Raises Spent."""
        foreseen = self.trial.estimate["expected"] / max(1, len(self.trial.episodes))
        each = self.judging / self.answered if self.answered else foreseen
        able = wanted if each <= 0 else min(wanted, int((self.trial.budget - self.cost) / each))
        if able < 1:
            raise Spent
        return able

    async def _examine(self, judge: ModelJudge, item: FinishedEpisode) -> Answered:
        case, checked = await self.checks.examine(item=item, worlds=self.worlds, packs=self.packs.__getitem__)
        ask = Asking(self.room, item.episode)
        if self.trial.criterion_id:
            judged, splits, usage = await judge.unbounded(case, item.episode, ask, self.rng)
            return judged, splits, usage.cost
        assessment = await judge.examine(case, checked, ask, self.rng)
        return assessment.judged, assessment.splits, assessment.usage.cost


def trials_ask_again(*, now: datetime) -> list[int]:
    """Enqueue those whose message or worker was lost, or whose moment has come. Returns their ids."""
    return ask_again(RubricTrial.objects, selectors.trials_lost, queue.trial_enqueue, now=now)


def cancel(*, actor: User, trial: RubricTrial) -> None:
    """End it early. Raises TrialRefused."""
    with _told(actor, trial, "ended early"):
        services.trial_cancel(trial_id=trial.pk, now=timezone.now())


def resume(*, actor: User, trial: RubricTrial, budget: int | None = None) -> None:
    """Let it go on after a person acted, with another budget if one is given. Raises TrialRefused."""
    with _told(actor, trial, "resumed"):
        services.trial_resume(trial_id=trial.pk, budget=budget, now=timezone.now())
        ask_worker(queue.trial_enqueue, trial.pk)


def _told(actor: User, trial: RubricTrial, note: str) -> Any:
    rubric = trial.published.rubric
    return audit.change(actor, "rubrics.edit", "rubric", rubric.slug, rubric.name, note=f"trial {trial.pk} {note}")
