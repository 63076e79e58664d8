"""The socket of an episode, against a real database: exact sequences, reconnects, who is let in, who is sent away."""

import asyncio
import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.utils import timezone

from studio import broadcast
from studio.asgi import application
from studio.live import episodes as door
from studio.live import visitors
from studio.models import Membership, Role
from synthesis.models import Episode, Watch
from synthesis.services.watches import watch_write
from tests.builders_logs import an_episode, append, call, close, end, result, says, start
from tests.fakes.socket import SocketClient
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(user: User) -> bytes:
    return f"sessionid={signed_in(user).cookies['sessionid'].value}".encode()


def socket(episode: int, cookie: bytes = b"", after: Any = None, origin: bytes = b"http://testserver") -> SocketClient:
    query = "" if after is None else f"?after={after}"
    headers = [(b"origin", origin), (b"host", b"testserver"), (b"cookie", cookie)]
    return SocketClient(application, f"/live/episodes/{episode}/{query}", headers)


async def read_all(client: SocketClient) -> tuple[list[int], list[dict[str, Any]], int]:
    """Numbers, frames and the closing code of a socket that is read to its end."""
    numbers: list[int] = []
    frames: list[dict[str, Any]] = []
    while True:
        message = await client.receive()
        if message["type"] == "websocket.close":
            await client.disconnect()
            return numbers, frames, message.get("code", 1000)
        frames.append(json.loads(message["text"]))
        numbers += [event["seq"] for event in frames[-1]["events"]]


@pytest.fixture
def cookie(db: None) -> bytes:
    return cookie_of(make_person("vera", Role.VIEWER))


async def test_what_is_stored_comes_in_batches_and_then_the_end(cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)()
    await sync_to_async(append)(episode, start(), *[says("user", f"line {n}") for n in range(448)], end())
    await sync_to_async(close)(episode)
    client = socket(episode.pk, cookie)
    assert await client.connect()
    numbers, frames, code = await read_all(client)
    assert numbers == list(range(450))
    assert [len(frame["events"]) for frame in frames] == [200, 200, 50]
    assert frames[0]["phase"]["text"] == "Loading 200/450"
    assert (frames[-1]["phase"]["text"], code) == ("Ended: user_done", door.OVER)
    assert frames[-1]["strip"]["events"] == 450


@pytest.mark.parametrize(("after", "first"), [(3, 4), (-1, 0), ("x", 0), ("9" * 40, 0), ("١", 0)])
async def test_it_goes_on_after_the_given_number(cookie: bytes, after: Any, first: int) -> None:
    episode = await sync_to_async(an_episode)()
    await sync_to_async(append)(episode, start(), *[says("user", "x")] * 5)
    await sync_to_async(close)(episode)
    client = socket(episode.pk, cookie, after)
    assert await client.connect()
    numbers, _, _ = await read_all(client)
    assert numbers == list(range(first, 6))


async def test_ten_clients_that_come_and_go_each_get_exactly_the_log(cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)()
    total = 600

    async def write() -> None:
        rng, written = Random(1), 0
        while written < total:
            some = min(rng.randint(1, 25), total - written)
            await sync_to_async(append)(episode, *[says("agent", f"line {written + n}") for n in range(some)])
            written += some
            await asyncio.sleep(rng.random() * 0.05)
        await sync_to_async(close)(episode)

    async def follow(seed: int) -> tuple[list[int], int]:
        numbers: list[int] = []
        rng, visits = Random(seed), 0
        while True:
            visits += 1
            client = socket(episode.pk, cookie, numbers[-1] if numbers else None)
            assert await client.connect(10)
            for _ in range(rng.randint(1, 6)):
                message = await client.receive()
                if message["type"] == "websocket.close":
                    await client.disconnect()
                    return numbers, visits
                numbers += [event["seq"] for event in json.loads(message["text"])["events"]]
            await client.disconnect()

    writing = asyncio.create_task(write())
    found = await asyncio.gather(*(follow(seed) for seed in range(10)))
    await writing
    assert [numbers for numbers, _ in found] == [list(range(total))] * 10
    assert sum(visits for _, visits in found) > 20
    assert not visitors.OPEN


async def test_a_result_is_drawn_for_its_card_and_hostile_text_is_escaped(cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)()
    hostile = "<script>alert(1)</script>\u202e<img src=x onerror=y>"
    await sync_to_async(append)(
        episode, start(), says("agent", hostile, call("find_pet", "c1", pet=hostile)), result("c1", {"name": hostile}), end()
    )
    await sync_to_async(close)(episode)
    client = socket(episode.pk, cookie)
    await client.connect()
    _, frames, _ = await read_all(client)
    html = "".join(event["html"] for frame in frames for event in frame["events"])
    assert "<script>" not in html
    assert "<img" not in html
    assert "U+202E" in html
    assert 'data-result="c1"' in frames[0]["events"][2]["html"]


@pytest.mark.parametrize("who", ["nobody", "stranger", "foreign page", "no such episode"])
async def test_who_may_not_is_refused_alike(who: str, cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)()
    stranger = await sync_to_async(lambda: cookie_of(make_person("stranger", None)))()
    given = {"nobody": b"", "stranger": stranger}.get(who, cookie)
    origin = b"http://elsewhere.example" if who == "foreign page" else b"http://testserver"
    client = socket(999_999 if who == "no such episode" else episode.pk, given, origin=origin)
    assert not await client.connect()


@pytest.mark.parametrize("loss", ["signed out", "removed"])
async def test_who_may_no_longer_is_sent_away(loss: str, cookie: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "RECHECK_SECONDS", 0.3)
    episode = await sync_to_async(an_episode)()
    await sync_to_async(append)(episode, start())
    client = socket(episode.pk, cookie)
    assert await client.connect()
    await client.frame()
    if loss == "signed out":
        await sync_to_async(Session.objects.all().delete)()
    else:
        await sync_to_async(Membership.objects.all().delete)()
    message = await client.receive()
    assert (message["type"], message.get("code")) == ("websocket.close", door.SENT_AWAY)
    await client.disconnect()


async def test_a_person_has_only_so_many_sockets(cookie: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "MOST_SOCKETS", 2)
    episode = await sync_to_async(an_episode)()
    clients = [socket(episode.pk, cookie) for _ in range(3)]
    for client in clients:
        assert await client.connect()
    message = await clients[2].receive()
    assert message.get("code") == door.TOO_MANY
    for client in clients:
        await client.disconnect()
    assert not visitors.OPEN


async def test_a_page_that_does_not_read_is_dropped(cookie: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "SEND_SECONDS", 0.1)
    socket_ = door.EpisodeSocket()
    closed: list[int] = []

    async def never(*_args: Any, **_more: Any) -> None:
        await asyncio.sleep(60)

    async def note(code: int | None = None, reason: str | None = None) -> None:
        closed.append(code or 0)

    monkeypatch.setattr(socket_, "send", never)
    monkeypatch.setattr(socket_, "close", note)
    assert not await socket_._send({"events": []})
    assert closed == [door.SLOW]


async def test_the_phase_is_told_when_it_changes_and_in_the_readers_language(cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)(status="queued")
    client = socket(episode.pk, cookie)
    await client.connect()
    assert (await client.frame())["phase"]["name"] == "waiting"
    await sync_to_async(Episode.objects.filter(pk=episode.pk).update)(status="playing")
    assert (await client.frame())["phase"]["name"] == "live"
    await client.disconnect()


@pytest.mark.redis
async def test_hints_arrive_through_redis(cookie: bytes, redis_url: str) -> None:
    layer = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [redis_url]}}}
    episode = await sync_to_async(an_episode)()
    await sync_to_async(append)(episode, start())
    with override_settings(CHANNEL_LAYERS=layer):
        client = socket(episode.pk, cookie)
        await client.connect()
        await client.frame()
        loop = asyncio.get_running_loop()
        waits = []
        for n in range(3):
            await asyncio.sleep(0.3)
            began = loop.time()
            await sync_to_async(append)(episode, says("user", str(n)))
            broadcast.publish(f"episode:{episode.pk}")
            await client.frame()
            waits.append(loop.time() - began)
        await client.disconnect()
    assert sorted(waits)[1] < 1.0, f"{waits}: as slow as without hints"


HOSTILE = "<img src=x onerror=y>\u202eHel"


def modelled() -> Episode:
    """An episode that is being played, with a model as its agent."""
    episode = an_episode()
    episode.cast["seats"] = {"user": "scripted", "agent": "model:secret-name", "tools": "scripted"}
    episode.save(update_fields=["cast"])
    append(episode, start(), says("user", "Hello"))
    return episode


async def test_words_of_a_model_come_as_they_are_written_and_the_event_takes_their_place(cookie: bytes) -> None:
    episode = await sync_to_async(modelled)()
    client = socket(episode.pk, cookie)
    assert await client.connect()
    assert (await client.frame())["writing"] is None
    write = sync_to_async(watch_write)
    assert await write(episode_id=episode.pk, seat="agent", text=HOSTILE, now=timezone.now()), "the page keeps the watch"
    frame = await client.frame()
    assert (frame["events"], frame["writing"]["seat"], frame["writing"]["seq"]) == ([], "agent", 2)
    html = frame["writing"]["html"]
    assert "<img" not in html
    assert "&lt;img" in html
    assert "U+202E" in html
    assert "secret-name" not in json.dumps(frame)
    await write(episode_id=episode.pk, seat="agent", text="Hello there", now=timezone.now())
    assert "Hello there" in (await client.frame())["writing"]["html"]
    await sync_to_async(append)(episode, says("agent", "Hello there."))
    frame = await client.frame()
    assert ([event["seq"] for event in frame["events"]], frame["writing"]) == ([2], None)
    await sync_to_async(append)(episode, end())
    await sync_to_async(close)(episode)
    _, _, code = await read_all(client)
    assert code == door.OVER
    assert not await sync_to_async(Watch.objects.exists)(), "nothing of it is left"


async def test_words_that_were_taken_back_leave_the_page_and_stale_ones_never_come(cookie: bytes) -> None:
    episode = await sync_to_async(modelled)()
    client = socket(episode.pk, cookie)
    assert await client.connect()
    await client.frame()
    write = sync_to_async(watch_write)
    await write(episode_id=episode.pk, seat="agent", text="Old", now=timezone.now() - timedelta(minutes=5))
    await write(episode_id=episode.pk, seat="agent", text="New", now=timezone.now())
    assert "New" in (await client.frame())["writing"]["html"]
    await write(episode_id=episode.pk, seat="", text="", now=timezone.now())
    assert (await client.frame())["writing"] is None
    await client.disconnect()


async def test_an_episode_without_models_is_not_watched(cookie: bytes) -> None:
    episode = await sync_to_async(an_episode)()
    await sync_to_async(append)(episode, start())
    client = socket(episode.pk, cookie)
    assert await client.connect()
    assert (await client.frame())["writing"] is None
    assert not await sync_to_async(Watch.objects.exists)()
    await client.disconnect()
