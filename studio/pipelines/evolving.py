"""Evolutions on request: asked for at a door, done by a worker of authors, asked for again by the tick when a message was lost; and what
people decide on what was drafted."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from studio import queue
from studio.access import audit
from studio.pipelines.catalog import WORLDS
from studio.pipelines.drafts import domain_begin, read_draft
from studio.pipelines.evolution_steps import Steps, Told
from studio.pipelines.jobs import Lost, ask_again, ask_worker, still_ours, watched
from studio.pipelines.meaning import Meaning
from studio.pipelines.model_room import ModelRoom, endpoint_of
from synthesis.adapters.starter_files import pack_reference
from synthesis.engine.chat.errors import ChatError, GaveUp, Parked
from synthesis.engine.chat.model import ChatModel
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.waiting import Patience
from synthesis.engine.evolution.asking import Author, Capped
from synthesis.engine.evolution.wanted import Wanted
from synthesis.engine.participants.prompts import Prompt
from synthesis.models import Domain, DraftStage, Evolution, EvolutionDraft, Release
from synthesis.selectors import endpoints, evolutions, prompts
from synthesis.services import evolutions as work
from synthesis.services.catalog import relations_install
from synthesis.services.database import DatabaseThread
from synthesis.services.drafts import DraftRefused
from synthesis.services.evolution_drafts import DraftNotThere, Gone, draft_accept, draft_opened, draft_reject
from synthesis.services.evolutions import EvolutionRefused
from synthesis.services.people import PeopleError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Work under way says so every second; one that is silent for so long is taken by somebody else."""
BEAT = 1.0
SLICE_SECONDS = 120.0
"""After so long a worker hands an evolution back, so that a task stays far below its time limit."""
RETRIES = Patience(seconds=120.0)
MOST_AT_ONCE = 8
"""Drafts written side by side: more would differ less, since each sees the others only as they stood a step ago."""
WAIT = timedelta(seconds=60)
"""How long an endpoint that does not answer is left alone."""
STEPS = ("categories", "domains", "outline", "world", "tools", "policy", "intents", "repair", "personas", "agents", "wordings")
PROMPTS = ("author", *(f"author_{step}" for step in STEPS))
OpenModel = Callable[[str], ChatModel]


def tell_nobody(_line: str) -> None:
    """For work that nobody watches."""


def evolution_ask(*, actor: User | None, endpoint: str, wanted: Wanted, at_once: bool = False, limit: int | None = None) -> Evolution:
    """Ask for an evolution; a worker does it. Raises EvolutionRefused."""
    if endpoint not in {row.slug for row in endpoints.for_purpose("author")}:
        raise EvolutionRefused("endpoint", f"There is no endpoint {endpoint} in use whose purposes include author.")
    who = actor.get_username() if actor else audit.COMMAND
    with audit.change(actor, "catalogue.edit", "evolution", label=f"by {endpoint}") as told:
        row = work.evolution_create(endpoint=endpoint, wanted=wanted, at_once=at_once, limit=limit, asked_by=who, now=timezone.now())
        told.object_id, told.after = str(row.pk), msgspec.to_builtins(wanted)
        _enqueue(row.pk)
    return row


def _enqueue(evolution_id: int) -> None:
    ask_worker(queue.evolution_enqueue, evolution_id)


def evolution_pause(*, actor: User, evolution: Evolution) -> None:
    """Stop; what is under way is called off. Raises EvolutionRefused."""
    with _steered(actor, evolution, "pause"):
        work.evolution_pause(evolution_id=evolution.pk)


def evolution_resume(*, actor: User, evolution: Evolution, limit: int | None = None) -> None:
    """Go on, with another cap if one is given. Raises EvolutionRefused."""
    with _steered(actor, evolution, "resume" if limit is None else f"resume with a cap of {limit}"):
        work.evolution_resume(evolution_id=evolution.pk, now=timezone.now(), limit=limit)
        _enqueue(evolution.pk)


def evolution_cancel(*, actor: User, evolution: Evolution) -> None:
    """Draft no more. Raises EvolutionRefused."""
    with _steered(actor, evolution, "cancel"):
        work.evolution_cancel(evolution_id=evolution.pk, now=timezone.now())


def _steered(actor: User, evolution: Evolution, note: str) -> contextlib.AbstractContextManager[audit.Change]:
    return audit.change(actor, "catalogue.edit", "evolution", evolution.pk, f"by {evolution.endpoint}", note=note)


def accept(*, actor: User | None, draft: EvolutionDraft) -> Release | None:
    """Publish a draft that passed; runs that start afterwards use it. Raises DraftNotThere, DraftRefused, PeopleError."""
    who = actor.get_username() if actor else audit.COMMAND
    pack = None
    if draft.text:
        pack, findings = read_draft(draft.text, draft.slug)
        if pack is None:
            raise DraftRefused(str(findings[0]))
    with audit.change(actor, "catalogue.publish", draft.kind, draft.slug, draft.name, note=f"evolution {draft.evolution_id}") as told:
        release = draft_accept(draft=draft, pack=pack, by=who, now=timezone.now())
        if release is not None and pack is not None:
            relations_install(packs=[pack])
            told.after = release.digest
    return release


def reject(*, actor: User, draft: EvolutionDraft) -> None:
    """Keep a draft that passed out of the catalogue. Raises DraftNotThere."""
    with audit.change(actor, "catalogue.publish", draft.kind, draft.slug, draft.name, note=f"rejected, evolution {draft.evolution_id}"):
        draft_reject(draft=draft, by=actor.get_username(), now=timezone.now())


def open_draft(*, actor: User, draft: EvolutionDraft) -> Domain:
    """A domain in the editor with the pack that did not pass, for a person to mend. Raises DraftRefused, DraftNotThere."""
    if not draft.text or draft.stage not in {DraftStage.REFUSED, DraftStage.REJECTED, DraftStage.PASSED} or draft.domain_id:
        raise DraftNotThere("Only a pack that is whole and in no domain yet can be opened in the editor.")
    domain = domain_begin(actor=actor, slug=draft.slug, name=draft.name, text=draft.text, parent=None, origin=Domain.Origin.EVOLVED)
    draft_opened(draft=draft, domain=domain)
    return domain


def evolution_run(*, evolution_id: int, worlds: int = WORLDS, told: Told = tell_nobody, open_model: OpenModel | None = None) -> str:
    """Work on an evolution for a while. Does nothing when somebody else does. Returns its status ("gone" when there is no such evolution).

    ``open_model`` gives the model of an endpoint in place of the stored one, for tests.
    """
    epoch = work.evolution_take(evolution_id=evolution_id, lease=LEASE, now=timezone.now())
    row = evolutions.evolution(evolution_id)
    if not epoch or row is None:
        return row.status if row else "gone"
    try:
        status = asyncio.run(_worked(row, epoch, worlds, told, open_model))
    except (Gone, Lost):
        row = evolutions.evolution(evolution_id)
        return row.status if row else "gone"
    except Exception:
        logger.exception("evolution %s", evolution_id)
        note = "The studio could not go on; its log says why."
        work.evolution_failed(evolution_id=evolution_id, epoch=epoch, note=note, now=timezone.now())
        raise
    if status == "queued":
        _enqueue(evolution_id)
    return status


async def _worked(row: Evolution, epoch: int, worlds: int, told: Told, open_model: OpenModel | None) -> str:
    async with DatabaseThread("evolution") as database, ModelRoom(database, None, RETRIES) as room:
        work = _stepped(row, epoch, worlds, told, open_model, database, room)
        return await watched(work, lambda: database.run(_go_on, row.pk, epoch), BEAT)


async def _stepped(
    row: Evolution, epoch: int, worlds: int, told: Told, open_model: OpenModel | None, database: DatabaseThread, room: ModelRoom
) -> str:
    """Step after step until nothing is left, time is up, or the endpoint cannot be asked. Returns the status."""
    began = time.monotonic()
    try:
        author = await _author(row, epoch, database, room, open_model)
        purse = DatabasePurse(row.pk, epoch, database)
        steps = Steps(
            row, epoch, author, database, pack_reference(), worlds, told, _width(room, row.endpoint), _meaning(row, room, database, purse)
        )
        while await steps.do_next():
            if row.at_once:
                await database.run(_accept_all, row)
            if time.monotonic() - began > SLICE_SECONDS:
                return await database.run(_hand_back, row, epoch)
    except (Parked, GaveUp) as error:
        wait = timedelta(seconds=error.seconds) if isinstance(error, Parked) else WAIT
        told(f"waiting for the endpoint: {error}")
        return await database.run(_hand_back, row, epoch, wait, f"The endpoint: {error}.")
    except ChatError as error:
        told(str(error))
        return await database.run(work.evolution_stop, evolution_id=row.pk, epoch=epoch, note=str(error))
    return await database.run(work.evolution_done, evolution_id=row.pk, epoch=epoch, now=timezone.now())


def _width(room: ModelRoom, slug: str) -> int:
    """How many drafts are written at once: as many calls as the endpoint takes."""
    stored = room.rows.get(slug)
    return min(MOST_AT_ONCE, stored.concurrency) if stored else 1


def _meaning(row: Evolution, room: ModelRoom, database: DatabaseThread, purse: "DatabasePurse") -> Meaning | None:
    """The first endpoint in use for embeddings that bills in the author's currency: the cap is one amount."""
    writer = room.rows.get(row.endpoint)
    able = [one for _slug, one in sorted(room.rows.items()) if "embeddings" in one.purposes and writer and one.currency == writer.currency]
    return Meaning(able[0], room, database, purse) if able else None


def _hand_back(row: Evolution, epoch: int, wait: timedelta | None = None, note: str = "") -> str:
    return work.evolution_hand_back(evolution_id=row.pk, epoch=epoch, now=timezone.now(), wait=wait, note=note)


async def _author(row: Evolution, epoch: int, database: DatabaseThread, room: ModelRoom, open_model: OpenModel | None) -> Author:
    texts = await database.run(_prompts)
    stored = room.rows.get(row.endpoint)
    price = endpoint_of(stored, "").price if stored else Price()
    model = open_model(row.endpoint) if open_model else room.model(row.endpoint, "author")
    return Author(Capped(model, price, DatabasePurse(row.pk, epoch, database)), texts)


def _prompts() -> Mapping[str, Prompt]:
    return {name: prompts.current(name) for name in PROMPTS}


class DatabasePurse:
    """The cap of an evolution as the engine's port ``Purse``."""

    def __init__(self, evolution_id: int, epoch: int, database: DatabaseThread) -> None:
        self.evolution_id, self.epoch, self.database = evolution_id, epoch, database

    async def set_aside(self, most: int) -> None:
        """See ``Purse``."""
        await self.database.run(work.money_set_aside, evolution_id=self.evolution_id, epoch=self.epoch, most=most)

    async def settle(self, most: int, spent: int) -> None:
        """See ``Purse``."""
        settled = self.database.run(work.money_settle, evolution_id=self.evolution_id, epoch=self.epoch, set_aside=most, spent=spent)
        await asyncio.shield(settled)


def _accept_all(row: Evolution) -> None:
    """Publish what passed. What the catalogue refuses stays as it is, for a person to look at."""
    actor = User.objects.filter(username=row.asked_by).first()
    for draft_id in evolutions.waiting(row.pk):
        draft = evolutions.draft(draft_id)
        assert draft is not None
        try:
            accept(actor=actor, draft=draft)
        except (DraftRefused, DraftNotThere, PeopleError) as refused:
            logger.warning("evolution %s: %s is not published: %s", row.pk, draft.slug, refused)


def _go_on(evolution_id: int, epoch: int) -> bool:
    told = f"evolution {evolution_id}"
    return still_ours(told, work.evolution_go_on, evolution_id=evolution_id, epoch=epoch, lease=LEASE, now=timezone.now())


def evolutions_ask_again(*, now: datetime) -> list[int]:
    """Enqueue evolutions whose message or worker was lost, or whose wait is over. Returns their ids."""
    return ask_again(Evolution.objects, evolutions.evolutions_lost, queue.evolution_enqueue, now=now)
