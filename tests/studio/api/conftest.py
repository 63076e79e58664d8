"""Callers of the interface, and something of everything to ask for."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from judging.models import Judgement
from judging.services import judge_bench, judgements_write, rubric_install, starter_rubric
from studio.access.scopes import SCOPES
from studio.access.tokens import token_create
from studio.models import Role
from studio.pipelines.exports import export_ask, export_job_run
from synthesis.models import Run, Scenario, Tool
from tests.builders_runs import PERSONA, PROFILE, a_run, install
from tests.judging.builders import PACK, good
from tests.judging.services.rows import RecordedWorlds, finished, make_run


class Caller:
    """A program with a token."""

    def __init__(self, user: User, *scopes: str) -> None:
        self.user = user
        _row, secret = token_create(user=user, name="test", scopes=scopes or tuple(SCOPES), days=7, now=timezone.now())
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.client.post(path, content if body is not None else b"", "application/json", headers=self.headers | headers)


@pytest.fixture
def caller(people: dict[Role, User]) -> Callable[..., Caller]:
    """A program of the member of a role, with all scopes or the named ones."""
    return lambda role, *scopes: Caller(people[role], *scopes)


@pytest.fixture
def owner_calls(caller: Callable[..., Caller]) -> Caller:
    """A program of the owner."""
    return caller(Role.OWNER)


@pytest.fixture
def judged(db: None) -> Run:
    """A finished run of two judged episodes that read the same."""
    rubric_install(rubric=starter_rubric())
    talks = [good(), good()]
    run = make_run(talks)
    assessed = asyncio.run(judge_bench().assess(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK))
    judgements_write(assessments=assessed, bench=judge_bench())
    Run.objects.filter(pk=run.pk).update(status="finished")
    run.refresh_from_db()
    return run


@pytest.fixture
def places(judged: Run, people: dict[Role, User]) -> dict[str, Any]:
    """Something of everything: a value for each part of a URL."""
    install()
    running = a_run(2)
    job = export_ask(actor=people[Role.OWNER], run=judged, formats=["openai"], threshold=0, duplicates=True)
    assert export_job_run(job_id=job.pk) == "done"
    episode = judged_episode(judged)
    release = Tool.objects.order_by("pk")[0].release
    return {
        "run_id": running.pk,
        "episode_id": episode,
        "judgement_id": Judgement.objects.filter(episode_id=episode).get().pk,
        "job_id": job.pk,
        "format": "openai",
        "tool_id": Tool.objects.order_by("pk")[0].pk,
        "domain": "vet_clinic",
        "persona": PERSONA.slug,
        "agent": PROFILE.slug,
        "release": release.digest,
        "scenario": Scenario.objects.order_by("digest")[0].digest,
    }


def judged_episode(run: Run) -> int:
    """The run's first episode."""
    from synthesis.models import Episode

    return Episode.objects.filter(run=run).order_by("index")[0].pk


def path_of(pattern: str, places: dict[str, Any]) -> str:
    """``/api/v1/`` and a pattern of the interface with its parts filled in."""
    import re

    tail = re.sub(r"<(?:\w+:)(\w+)>", lambda part: str(_value(pattern, part[1], places)), pattern)
    return f"/api/v1/{tail}"


def _value(pattern: str, name: str, places: dict[str, Any]) -> Any:
    return places[pattern.split("/")[0].removesuffix("s")] if name in {"slug", "digest"} else places[name]
