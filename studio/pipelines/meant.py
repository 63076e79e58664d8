"""What conversations mean, asked for before a dataset is frozen; what that will cost, told before it is asked for."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from statistics import mean
from typing import NamedTuple

import msgspec

from judging.engine.filters import Rule
from judging.engine.nearness import Nearness
from judging.models import Dataset
from judging.selectors import meaning as texts
from judging.services.datasets import Meant
from studio.pipelines.meaning import Meaning
from studio.pipelines.model_room import ModelRoom
from synthesis.engine.chat.body import tokens_guess
from synthesis.engine.chat.embeddings import cut
from synthesis.engine.chat.errors import ChatError
from synthesis.engine.chat.model import Usage
from synthesis.engine.chat.prices import Price
from synthesis.engine.chat.waiting import Patience
from synthesis.models import ModelEndpoint, Run
from synthesis.selectors import endpoints
from synthesis.selectors.vectors import vectors_known
from synthesis.services.database import DatabaseThread

RETRIES = Patience(seconds=120.0)


class Foreseen(NamedTuple):
    """Texts that nobody has asked about yet, of how many; about so many tokens and so much money (millionths of ``currency``)."""

    endpoint: str
    new: int
    kept: int
    tokens: int
    cost: int
    currency: str


def foresee(runs: Sequence[Run], rule: Rule) -> Foreseen | None:
    """What asking for meaning will cost; None where the rule does not, or nobody can be asked."""
    row = _row(rule)
    if row is None or rule.duplicates:
        return None
    kept, known = texts.kept_without(runs, rule), texts.known_of(runs, row)
    new = [one for one in kept if one.exact not in known]
    few = [tokens_guess(cut(text).encode()) for text in texts.sample_of(new)]
    tokens = round(len(new) * mean(few)) if few else 0
    cost = Price(row.price_prompt, row.price_completion, row.price_cached).of(Usage(prompt_tokens=tokens))
    return Foreseen(row.slug, len(new), len(kept), tokens, cost, row.currency)


def meant_by(dataset: Dataset) -> Meant | None:
    """Ask for what is not known yet of what the dataset's rule would keep. None where the rule wants no meaning; where nobody gives any,
    the version is frozen without, and says why.
    """
    rule = msgspec.convert(dataset.rule, Rule)
    if not rule.meaning or rule.duplicates:
        return None
    told = {"endpoint": rule.meaning, "model": "", "alike": rule.alike, "off": ""}
    row = _row(rule)
    if row is None:
        return Meant(None, told | {"off": "no endpoint of that name is in use for embeddings"})
    runs = list(dataset.runs.all())
    known = texts.known_of(runs, row)
    new = [one for one in texts.kept_without(runs, rule) if one.exact not in known]
    told["model"] = row.model
    try:
        if new:
            asyncio.run(_asked(row, new))
    except ChatError as error:
        return Meant(None, told | {"off": f"the endpoint gave no embeddings: {error}"})
    return Meant(Nearness(rule.alike, partial(vectors_known, row)), told)


async def _asked(row: ModelEndpoint, new: Sequence[texts.Kept]) -> None:
    async with DatabaseThread("meaning") as database, ModelRoom(database, None, RETRIES) as room:
        meaning, parts = Meaning(row, room, database), texts.texts_of(new)
        while (part := await database.run(_next, parts)) is not None:
            async for _fresh in meaning.asked(part):
                pass


def _next(parts: Iterator[Mapping[str, str]]) -> Mapping[str, str] | None:
    return next(parts, None)


def _row(rule: Rule) -> ModelEndpoint | None:
    return next((row for row in endpoints.for_purpose("embeddings") if row.slug == rule.meaning), None)
