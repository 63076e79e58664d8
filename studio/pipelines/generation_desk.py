"""The scenarios of a run, generated in a slice ahead of those who play them."""

import asyncio
import logging
from datetime import timedelta

import msgspec
from django.utils import timezone

from studio.pipelines.stage import Workshop
from synthesis.engine.scenarios.generate import GenerateRequest
from synthesis.engine.scenarios.scenario import WorldRef
from synthesis.selectors import runs
from synthesis.services import generation
from synthesis.services.database import DatabaseThread
from synthesis.services.generation import Filled, PartClaim

logger = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds between looks at the database while there are scenarios enough."""
BATCH = 16
"""Scenarios generated at a time."""


class GenerationDesk:
    """Keeps ``width`` scenarios of a run queued and sets ``moved`` when there are more; a part at which its worker died ``poison`` times
    is skipped. Leaves when ``stopping`` is set.
    """

    def __init__(
        self,
        *,
        run_id: int,
        slice_id: int,
        width: int,
        poison: int,
        lease: timedelta,
        database: DatabaseThread,
        worlds: Workshop,
        stopping: asyncio.Event,
        moved: asyncio.Event,
    ) -> None:
        self.run_id, self.slice_id, self.width, self.poison, self.lease = run_id, slice_id, width, poison, lease
        self.database, self.worlds, self.stopping, self.moved = database, worlds, stopping, moved

    async def keep_ahead(self) -> None:
        """Keep a width's worth of scenarios ahead of the players as long as there are any to make."""
        while not self.stopping.is_set():
            if await self.database.run(runs.queued_count, self.run_id, self.slice_id) < self.width:
                part = await self.database.run(
                    generation.claim_part, run_id=self.run_id, holder=self.slice_id, size=BATCH, lease=self.lease, now=timezone.now()
                )
                if part:
                    await self._fill(part)
                    continue
                if not await self.database.run(runs.generation_left, self.run_id):
                    return
            await asyncio.sleep(PAUSE)

    async def _fill(self, part: PartClaim) -> None:
        if part.crashes >= self.poison and part.batch:
            await self.database.run(generation.part_skip, claim=part, detail=f"its worker died {part.crashes} times")
            return
        try:
            filled = await fill_batch(part, self.worlds, self.stopping)
        except Exception as error:
            logger.warning("generation in %s of run %s: %s", part.domain, self.run_id, error, exc_info=error)
            detail = f"{type(error).__name__}: {error}"
            await self.database.run(generation.part_crashed, claim=part, detail=detail, now=timezone.now(), limit=self.poison)
            return
        await self.database.run(generation.store_batch, claim=part, filled=filled)
        self.moved.set()


async def fill_batch(part: PartClaim, worlds: Workshop, stopping: asyncio.Event) -> list[Filled]:
    """Generate the scenarios of a batch in order of index, each avoiding those before it in this run; stops between two when asked to."""
    used = {variation: list(digests) for variation, digests in part.used.items()}
    siblings = [msgspec.convert(ref, WorldRef) for ref in part.siblings]
    filled: list[Filled] = []
    for planned in part.batch:
        if stopping.is_set():
            break
        avoid = used.setdefault(planned.variation, [])
        reply = await worlds.generate(
            GenerateRequest(
                release=part.release,
                variation=planned.variation,
                seed=planned.seed,
                seeds=part.seeds,
                avoid=avoid,
                siblings=siblings if planned.variation == "similar_tools" else [],
                simulated=part.simulated,
                seconds=part.seconds if planned.second else [],
            )
        )
        if reply.scenario:
            avoid.append(reply.scenario.digest)
        filled.append(Filled(planned, reply.scenario, reply.reasons))
    return filled
