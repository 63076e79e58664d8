"""The manifest names every model that made or judged a row, and what that took."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from judging.engine.filters import Rule
from judging.engine.formats.manifest import JudgeModel, Manifest, SeatModel, Spent
from judging.models import Judgement, JudgeVersion
from judging.services import dataset_build, export_write
from judging.services.datasets import dataset_freeze, dataset_save
from synthesis.models import Episode, Event, ModelUsage, Run
from tests.builders_endpoints import an_endpoint
from tests.judging.builders import good, good_ko
from tests.judging.services.test_judging import judged_run, rushed

pytestmark = pytest.mark.django_db


def usage(model: str, cost: int, prompt: str) -> dict[str, Any]:
    return {"model": model, "prompt_tokens": 100, "completion_tokens": 10, "cost": cost, "attempts": 2, "prompt": prompt}


def played_by_models(run: Run) -> int:
    """As if models had sat in two seats and a panel had judged; returns how many messages the agent of the kept rows wrote."""
    written = 0
    for episode in Episode.objects.filter(run=run):
        episode.cast["seats"] |= {"agent": "model:kimi", "user": "model:gone"}
        episode.save(update_fields=["cast"])
        for event in Event.objects.filter(episode=episode, kind="message"):
            mine = event.payload["role"] == "agent"
            told = usage("k2-0711" if mine else "old-1", 1000 if mine else 7, f"a{episode.index}" if mine else "u1")
            Event.objects.filter(episode=episode, seq=event.seq).update(payload={**event.payload, "usage": told})
            written += mine and episode.index != 1
    rubric = Judgement.objects.filter(episode__run=run)[0].rubric_version
    identity = {
        "endpoints": ["gone", "strict"],
        "models": ["j-1", "j-2"],
        "decoding": [{"temperature": 0}, {"top_p": 1}],
        "prompt": "p" * 16,
    }
    judge = JudgeVersion.objects.create(version="f" * 64, kind="panel", rubric_version=rubric, identity=identity)
    Judgement.objects.filter(episode__run=run).update(judge="panel", judge_version=judge.version, tokens=50, cost=300)
    return written


def manifest(folder: Path) -> Manifest:
    """As strict as can be: nothing lacks and nothing is unknown."""
    return msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)


def test_seats_judges_and_cost_are_told(tmp_path: Path) -> None:
    run = judged_run(good(), rushed(), good_ko())
    kimi = an_endpoint("kimi", model="kimi-k2", provider="moonshot", currency="CNY")
    an_endpoint("strict", model="j-2 renamed", currency="CNY")
    written = played_by_models(run)
    ModelUsage.objects.create(endpoint=kimi, run=run, role="agent", day=timezone.now().date(), calls=9, cost=99_000)
    export_write(version=dataset_build(run=run), formats=["openai"], directory=tmp_path)
    told = manifest(tmp_path)
    agent, user = told.models.seats
    assert agent == SeatModel(
        seat="agent", endpoint="kimi", provider="moonshot", model="kimi-k2", answered_as=["k2-0711"], prompts=["a0", "a2"], rows=2,
        calls=written, attempts=2 * written, prompt_tokens=100 * written, completion_tokens=10 * written, cost=1000 * written,
        currency="CNY",
    )  # fmt: skip
    assert (user.endpoint, user.provider, user.model, user.answered_as, user.currency) == ("gone", "", "", ["old-1"], "")
    [judge] = told.models.judges
    assert (judge.kind, judge.rows, judge.tokens, judge.cost, judge.prompt, judge.currency) == ("panel", 2, 100, 600, "p" * 16, "CNY")
    assert judge.models == [JudgeModel("gone", "", "j-1", {"temperature": 0}), JudgeModel("strict", "other", "j-2", {"top_p": 1})]
    assert told.models.cost == [Spent("", user.cost, 0), Spent("CNY", agent.cost + 600, 99_000)]


def test_scripted_rows_name_the_checks_and_cost_nothing(tmp_path: Path) -> None:
    first, second = judged_run(good()), judged_run(good_ko())
    dataset = dataset_save(name="Both", runs=[first, second], rule=Rule())
    export_write(version=dataset_freeze(dataset=dataset), formats=["openai"], directory=tmp_path)
    told = manifest(tmp_path)
    assert (told.models.seats, told.models.cost) == ([], [])
    [judge] = told.models.judges
    assert (judge.kind, judge.models, judge.prompt, judge.rows, judge.cost) == ("programmatic", [], "", 2, 0)
    assert isinstance(told.runs, list) and [run.first_index for run in told.runs] == [0, 1]
    assert told.seeds is msgspec.UNSET
