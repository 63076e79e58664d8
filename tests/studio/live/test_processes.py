"""Sockets over real processes: a server, a writer beside it and clients that come and go, with and without hints."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.builders_logs import says
from tests.serving import Serving

CLIENTS, EVENTS = 10, 800


@pytest.mark.parametrize("hints", ["without hints", pytest.param("with hints", marks=pytest.mark.redis)])
def test_ten_clients_that_come_and_go_each_get_exactly_the_log(hints: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    layer = {"CHANNEL_LAYER_URL": request.getfixturevalue("redis_url")} if hints == "with hints" else {}
    with Serving(tmp_path, **layer) as studio:
        found, visits = asyncio.run(_follow_while_it_is_written(studio, studio.open_episode()))
    assert found == [list(range(EVENTS))] * CLIENTS
    assert visits > 3 * CLIENTS


async def _follow_while_it_is_written(studio: Serving, episode: int) -> tuple[list[list[int]], int]:
    writing = asyncio.create_task(_write(studio, episode))
    ends = await asyncio.gather(*(_follow(studio, episode, Random(seed)) for seed in range(CLIENTS)))
    await writing
    return [numbers for numbers, _ in ends], sum(visits for _, visits in ends)


async def _write(studio: Serving, episode: int) -> None:
    rng, written = Random(1), 0
    while written < EVENTS:
        some = min(rng.randint(1, 15), EVENTS - written)
        events: list[dict[str, Any]] = [says("agent", f"line {written + n}") for n in range(some)]
        await asyncio.to_thread(studio.tell, do="append", episode=episode, events=events)
        written += some
        await asyncio.sleep(rng.random() * 0.05)
    await asyncio.to_thread(studio.tell, do="close", episode=episode)


async def _follow(studio: Serving, episode: int, rng: Random) -> tuple[list[int], int]:
    """The numbers that one client got, and how often it connected; it leaves without a word after a random while."""
    numbers: list[int] = []
    visits = 0
    headers = {"Cookie": f"sessionid={studio.cookie}", "Origin": f"http://{studio.address}"}
    while True:
        visits += 1
        url = f"ws://{studio.address}/live/episodes/{episode}/?after={numbers[-1] if numbers else -1}"
        async with connect(url, additional_headers=headers, max_size=None, open_timeout=60) as socket:
            try:
                async with asyncio.timeout(rng.uniform(0.05, 0.6)):
                    async for message in socket:
                        numbers += [event["seq"] for event in json.loads(message)["events"]]
            except TimeoutError:
                # As a lost network ends it: in the middle of anything.
                socket.transport.abort()
                continue
            except ConnectionClosed:
                pass
            if socket.close_code == 4000:
                return numbers, visits
