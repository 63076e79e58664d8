"""``manage evolve`` through a real endpoint: the fake provider."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from synthesis.models import Domain, Evolution, EvolutionDraft, ModelUsage
from tests.builders_evolution import an_endpoint
from tests.fakes.model_server.provider import StudioProvider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider() -> Iterator[StudioProvider]:
    """The fake provider, at work in a thread."""
    fake, loop, ready = StudioProvider(None), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await fake.start()
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        async with server:
            await server.serve_forever()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner, contextlib.suppress(asyncio.CancelledError):
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield fake
    loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    thread.join(10)


def evolve(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("evolve", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_domain_is_written_audited_and_published_without_a_browser(provider: StudioProvider) -> None:
    an_endpoint(base_url=provider.url, model="fake:clumsy=1", provider="openai", price_prompt=1_000_000, price_completion=1_000_000)
    told, progress = evolve("--endpoint", "writer", "--categories", "1", "--domains", "1", "--agents", "1", "--cap", "5", "--publish")
    assert "boat_moorings: audit found 0 errors, passed" in progress
    assert "2 passed" in told and "published" in told
    assert Domain.objects.get().slug == "boat_moorings" and Domain.objects.get().releases.count() == 1
    row = Evolution.objects.get()
    usage = ModelUsage.objects.get()
    assert usage.role == "author" and usage.cost == row.spent == sum(EvolutionDraft.objects.values_list("cost", flat=True))
    assert provider.told[0][0] in {"author", ""}


def test_what_fails_has_a_status_of_its_own(provider: StudioProvider) -> None:
    an_endpoint(base_url=provider.url, model="fake:mute=domains", provider="openai")
    with pytest.raises(CommandError, match="Nothing of evolution") as failed:
        evolve("--endpoint", "writer", "--category", "crafts", "--domains", "1")
    assert failed.value.returncode == 1
    for arguments in (
        ["--domains", "1"],
        ["--endpoint", "nobody", "--agents", "1"],
        ["--endpoint", "writer"],
        ["--endpoint", "writer", "--agents", "1", "--cap", "much"],
        ["--resume", "999"],
    ):
        with pytest.raises(CommandError) as refused:
            evolve(*arguments)
        assert refused.value.returncode == 2
