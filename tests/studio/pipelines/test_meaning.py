"""Embeddings: asked once for each text, counted, paid out of a cap, and done without where the endpoint fails."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from studio.models import Role
from studio.pipelines.evolving import evolution_ask, evolution_run
from studio.pipelines.keys import reach, vault
from studio.pipelines.meaning import Meaning
from studio.pipelines.model_room import ModelRoom
from synthesis.adapters.starter_files import draft_template
from synthesis.engine.chat.embeddings import Embedded
from synthesis.engine.chat.errors import ChatError, GaveUp, Unreachable
from synthesis.engine.evolution.wanted import Wanted
from synthesis.engine.packs.parse import parse_pack
from synthesis.models import Evolution, EvolutionDraft, ModelEndpoint, ModelUsage, TextVector
from synthesis.selectors.endpoints import for_purpose
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.database import DatabaseThread
from synthesis.services.endpoints import endpoint_update, facts_of
from tests.fakes.author.voice import Voice
from tests.fakes.model_server.embeddings import vector_of
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.serving import provider_in_thread
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = [f"Text number {number}." for number in range(40)]


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with provider_in_thread(FakeProvider(lambda _body: {"content": "?"})) as fake:
        yield fake


def an_endpoint(provider: FakeProvider, slug: str = "vectors", **fields: Any) -> ModelEndpoint:
    """An endpoint for embeddings; a million tokens cost 1.00."""
    plain = {"slug": slug, "base_url": provider.url, "model": "fake", "provider": "other", "purposes": ["embeddings"]}
    return ModelEndpoint.objects.create(**plain | {"price_prompt": 1_000_000} | fields)


def vectors(row: ModelEndpoint, texts: list[str]) -> dict[str, tuple[float, ...]]:
    async def ask() -> dict[str, tuple[float, ...]]:
        async with DatabaseThread("meaning") as database, ModelRoom(database, None) as room:
            return dict(await Meaning(row, room, database).vectors(texts))

    return asyncio.run(ask())


def asked(provider: FakeProvider) -> list[int]:
    """How many texts each request held."""
    return [len(body["input"]) for body in provider.asked]


def test_each_text_is_asked_for_once_and_counted(provider: FakeProvider) -> None:
    row = an_endpoint(provider)
    found = vectors(row, [*TEXTS, TEXTS[0]])
    assert list(found) == TEXTS and asked(provider) == [32, 8]
    assert found[TEXTS[3]][:3] == pytest.approx(vector_of(TEXTS[3])[:3], abs=1e-5)
    assert vectors(row, [*TEXTS[:5], "New."]).keys() == {*TEXTS[:5], "New."} and asked(provider) == [32, 8, 1]
    used = ModelUsage.objects.get()
    assert (used.role, used.calls, used.failures) == ("embeddings", 3, 0)
    assert used.cost == used.prompt_tokens == sum(len(text) // 4 + 1 for text in [*TEXTS, "New."])


def test_another_model_knows_nothing_and_an_endpoint_that_moves_forgets(provider: FakeProvider) -> None:
    row = an_endpoint(provider)
    vectors(row, TEXTS[:2])
    ModelEndpoint.objects.update(model="fake:other=1")
    row.refresh_from_db()
    vectors(row, TEXTS[:1])
    assert asked(provider) == [2, 1] and TextVector.objects.count() == 3
    facts = msgspec.structs.replace(facts_of(row), base_url="http://127.0.0.1:9/v1")
    endpoint_update(slug=row.slug, facts=facts, key="", vault=vault, reach=reach())
    assert not TextVector.objects.exists()


def test_an_endpoint_without_embeddings_is_an_error_like_any(provider: FakeProvider) -> None:
    row = an_endpoint(provider, model="fake:embeddings=no")
    with pytest.raises(ChatError):
        vectors(row, TEXTS[:1])
    assert ModelUsage.objects.get().failures == 1


class NotedPurse:
    """Notes what is settled."""

    def __init__(self) -> None:
        self.settled: list[tuple[int, int]] = []

    async def set_aside(self, most: int) -> None:
        """There is always enough."""

    async def settle(self, most: int, spent: int) -> None:
        self.settled.append((most, spent))


@pytest.mark.parametrize(("error", "billed"), [(GaveUp(Unreachable("nobody there"), 6), False), (OperationalError("locked"), True)])
def test_only_what_no_endpoint_answered_is_given_back(monkeypatch: pytest.MonkeyPatch, error: Exception, billed: bool) -> None:
    class Failing:
        async def embed(self, texts: Sequence[str]) -> Embedded:
            raise error

    monkeypatch.setattr(ModelRoom, "embedder", lambda _room, _slug: Failing())
    row, purse = ModelEndpoint(slug="vectors", price_prompt=1_000_000), NotedPurse()

    async def ask() -> None:
        async with DatabaseThread("meaning") as database, ModelRoom(database, None) as room:
            async for _fresh in Meaning(row, room, database, purse).asked({"digest": "Some text."}):
                pass

    with pytest.raises(type(error)):
        asyncio.run(ask())
    [(most, spent)] = purse.settled
    assert most > 0 and spent == (most if billed else 0)


@pytest.fixture
def ann() -> User:
    """An author, in a studio with one domain and a model that writes."""
    facts = {"base_url": "http://127.0.0.1:1/v1", "model": "fake", "provider": "other", "purposes": ["author"]}
    ModelEndpoint.objects.create(slug="writer", **facts)
    pack = parse_pack(draft_template())
    pack_publish(pack=pack, text=draft_template(), audited=Audited(pack.slug, seeds=[1, 2], variations={"plain": 10}, tried=10))
    return make_person("ann", Role.AUTHOR)


def evolved(ann: User) -> Evolution:
    """One new domain, audited."""
    evolution = evolution_ask(actor=ann, endpoint="writer", wanted=Wanted(category="crafts", domains=1), limit=10**9)
    assert evolution_run(evolution_id=evolution.pk, worlds=5, open_model=lambda _slug: Voice()) == "done"
    evolution.refresh_from_db()
    return evolution


def test_an_evolution_compares_tools_by_meaning_and_pays_for_it(ann: User, provider: FakeProvider) -> None:
    an_endpoint(provider)
    an_endpoint(provider, slug="abroad", currency="EUR")
    evolution = evolved(ann)
    draft = EvolutionDraft.objects.get(evolution=evolution, kind="domain")
    wanted = {tool["description"].strip() for tool in draft.work["tools"]} | {
        tool.description for tool in parse_pack(draft_template()).tools.values()
    }
    assert {text for body in provider.asked for text in body["input"]} == wanted
    assert draft.stage == "passed" and evolution.problems == {} and evolution.reserved == 0
    assert evolution.spent == ModelUsage.objects.get(endpoint__slug="vectors").cost > 0, "the author of this test costs nothing"


def test_without_an_answer_words_are_compared_and_that_is_told(ann: User, provider: FakeProvider) -> None:
    an_endpoint(provider, model="fake:embeddings=no")
    evolution = evolved(ann)
    assert EvolutionDraft.objects.get(evolution=evolution, kind="domain").stage == "passed"
    assert "compared by their words alone" in evolution.problems["embeddings"]
    assert evolution.spent == evolution.reserved == 0
    assert [row.slug for row in for_purpose("embeddings")] == ["vectors"]
