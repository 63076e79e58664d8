"""Two planted keys are used in every call of a run with models in all seats, at an endpoint that repeats them in every answer. Afterwards
they are in no table, no log, no event, no file of any format, no page, no answer of REST and no report of an error, on SQLite and on
PostgreSQL.
"""

import asyncio
import base64
import contextlib
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from synthesis.engine.participants.prompts import STOP
from tests.benchmarks.models import provider
from tests.builders_endpoints import KEY
from tests.fakes.model_server.http import Connection, Request, port_of, serve
from tests.studio.installation import ROOT, Installation

OTHER = "sk-planted-b2d94e61c07f58aa"
"""The judges'."""
ENDPOINTS = {
    "leaky-user": ("fake", KEY),
    "leaky-agent": ("fake:slips=0.5", KEY),
    "leaky-tools": ("fake", KEY),
    "leaky-judge": ("fake", OTHER),
    "leaky-refused": ("refused", KEY),
}
MAKE = """
from tests.builders_endpoints import an_endpoint
for slug, (model, key) in {endpoints!r}.items():
    an_endpoint(slug, key=key, base_url={url!r}, model=model, provider="fake")
print(0)
"""
SEATS = ["--user", "model:leaky-user", "--agent", "model:leaky-agent", "--tools", "model:leaky-tools", "--judges", "leaky-judge"]
VIEWS = {"home:index", "runs:run", "runs:episode", "models:index", "models:endpoint", "models:usage", "settings:audit"}


class Leaky:
    """Between the studio and a provider: answers as that one does, and repeats the key in headers, names, words and reasons; now and then
    it breaks or sends away instead.
    """

    def __init__(self, behind: str) -> None:
        self.behind, self.asked = behind, 0
        self.keys: set[str] = set()

    async def handle(self, request: Request, to: Connection) -> None:
        """Answer one request."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.keys.add(key)
        self.asked += 1
        headers = {"x-request-id": key, "set-cookie": f"session={key}", "retry-after": "0"}
        words = {"error": {"message": f"Incorrect API key provided: {key}", "type": key, "code": key, "param": key}}
        if b'"model":"refused"' in request.body:
            await to.send(401, json.dumps(words).encode(), headers)
        elif self.asked % 7 == 3:
            await to.send(429 if self.asked % 2 else 500, json.dumps(words).encode(), headers)
        else:
            answer = await asyncio.to_thread(self.behind_it, request)
            await to.send(200, json.dumps(repeated(answer, key)).encode(), headers)

    def behind_it(self, request: Request) -> Any:
        """What the provider says."""
        told = {name: value for name, value in request.headers.items() if name.startswith("x-studio-")}
        asked = urllib.request.Request(f"{self.behind}/chat/completions", request.body, told)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)


def repeated(answer: Any, key: str) -> Any:
    """An answer that holds the key wherever there is room for it."""
    message = answer["choices"][0]["message"]
    message["reasoning_content"] = f"My key is {key}."
    if STOP in (message.get("content") or ""):
        # In the last words of a user, where it confuses nobody.
        message["content"] += f" {key}"
    return {**answer, "model": f"fake-{key}", "system_fingerprint": key}


@contextlib.contextmanager
def leaky(behind: str) -> Iterator[tuple[Leaky, str]]:
    """A leaky endpoint in a thread of its own, and its address."""
    made, loop, found, ready = Leaky(behind), asyncio.new_event_loop(), list[int](), threading.Event()

    async def start() -> None:
        found.append(port_of(await serve(made.handle)))
        ready.set()

    def work() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield made, f"http://127.0.0.1:{found[0]}/v1"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, studio_environment: dict[str, str]) -> Installation:
    """An installation on either database."""
    if request.param == "sqlite":
        return Installation(studio_environment, "vet_clinic")
    return Installation({**studio_environment, "DATABASE_URL": request.getfixturevalue("fresh_postgres_url")}, "vet_clinic")


def tables(place: Installation) -> Iterator[tuple[str, str]]:
    """Every table of a PostgreSQL database with all its rows as text; of SQLite the file is looked into as it lies there."""
    if url := place.environment.get("DATABASE_URL"):
        with psycopg.connect(urlunsplit(urlsplit(url)._replace(scheme="postgresql"))) as database:
            names = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for [name] in names:
                yield name, "\n".join(row for [row] in database.execute(f'SELECT t::text FROM "{name}" t'))


@pytest.mark.slow
def test_keys_that_an_endpoint_repeats_are_found_nowhere_after_a_run(place: Installation, tmp_path: Path) -> None:
    secrets = [KEY, OTHER, *(base64.b64encode(key.encode()).decode() for key in (KEY, OTHER))]
    with provider(place.environment) as (_, behind), leaky(behind) as (endpoint, url):
        place.ask(MAKE.format(endpoints=ENDPOINTS, url=url))
        out = tmp_path / "out"
        asked = ["--episodes", "8", "--plays", "4", "--variations", "plain", "--seed", "3", "--threshold", "0", "--workers", "1"]
        said = list(place.finish("synthesize", *asked, *SEATS, "--out", str(out)))
        walk = [sys.executable, "-m", "tests.studio.planted_key_walk", str(tmp_path / "files"), *secrets]
        done = subprocess.run(walk, env=place.environment, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    assert endpoint.keys == {KEY, OTHER}
    *_, last = done.stdout.splitlines()
    walked, said = json.loads(last), [*said, done.stdout, done.stderr]
    assert walked["found"] == []
    assert [text[:200] for text in said for secret in secrets if secret in text] == [], "logs"
    assert [name for name, rows in tables(place) for secret in secrets if secret in rows] == []
    folders = [place.data, out, tmp_path / "files"]
    whole = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert [str(path) for path, content in whole.items() for secret in secrets if secret.encode() in content] == []
    # That it was looked for where it might have been: the endpoint's words are in the logs, with the key taken out of them.
    assert walked["hidden"] > 10
    assert "RuntimeError: lost" in done.stderr and walked["seen"]["report"] > 0
    assert {view for view in VIEWS if not walked["seen"].get(f"page {view}")} == set()
    assert {form for form in ("openai", "trajectories", "preference") if not walked["seen"].get(f"rows of {form}")} == set()
    assert b"[key]" in whole[tmp_path / "files" / "1" / "trajectories.jsonl"]
    assert len([path for path in walked["seen"] if path.startswith("rest ")]) > 20
