"""Whole episodes whose tools seat is a model, at a real local server and in a real sandbox: played, stopped in the middle, judged."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from judging.models import CheckResult, Judgement
from studio.models import Role
from studio.pipelines.previewing import preview
from studio.pipelines.run_stage import RunStage
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.models import Episode, Event, ModelUsage, Release, Run, Tool
from synthesis.selectors import episodes
from synthesis.services.catalog import Audited, pack_publish
from synthesis.services.people import people_install
from synthesis.services.runs import RunError, run_resume, run_start
from tests.builders_fidelity import an_endpoint
from tests.builders_runs import PERSONA, PROFILE, a_run, a_slice, install
from tests.fakes.model_server import faults
from tests.fakes.model_server.question import Question
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.model_server.voices import tool
from tests.fakes.serving import provider_in_thread
from tests.packs import manual_shed, manual_shed_text

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=120, idle=30, lease=10, heartbeat=1, grace=10)


def simulate(body: dict[str, Any]) -> dict[str, Any]:
    """The fake simulator."""
    return tool.says(Question(body, "tool", 0, {}), None)


def shed_run(episodes: int, *, seat: str = "model:m", **options: str) -> Run:
    """A run in the shed with manuals whose tools seat is ``seat``."""
    audited = Audited("manual_shed", seeds=[1, 2, 3], variations={"plain": 10}, tried=10)
    pack_publish(pack=manual_shed(), text=manual_shed_text(), audited=audited)
    people_install(personas=[PERSONA], profiles=[PROFILE])
    return a_run(episodes, personas=[], options=options, seats={"tools": seat})


def play(run: Run) -> int:
    return asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=RunStage(run), limits=QUICK).run())


def results(run: Run) -> list[dict[str, Any]]:
    return [event.payload for event in Event.objects.filter(episode__run=run, kind="tool_result").order_by("episode_id", "seq")]


def test_the_registry_knows_which_tools_are_simulated() -> None:
    an_endpoint()
    shed_run(1)
    kinds = dict(Tool.objects.values_list("name", "kind"))
    assert {name for name, kind in kinds.items() if kind == "simulated"} == {"search_manuals", "leave_note"}


def test_a_model_answers_simulated_tools_and_programs_the_others() -> None:
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(provider="fake", base_url=provider.url)
        run = shed_run(12)
        assert play(run) == 12
    found = results(run)
    simulated = [payload for payload in found if payload.get("simulated")]
    assert simulated and {payload["name"] for payload in simulated} == {"search_manuals"}
    assert all(payload["usage"]["model"] == "fake" and payload["usage"]["prompt"] for payload in simulated)
    assert any(not payload.get("simulated") for payload in found)
    assert not CheckResult.objects.filter(check_id="replays").exists()
    used = ModelUsage.objects.get(run=run)
    assert used.role == "tool" and used.calls == len(simulated)


def test_with_programs_alone_the_rest_of_the_domain_is_played() -> None:
    run = shed_run(8, seat="scripted")
    assert play(run) == 8
    assert not any(payload.get("simulated") for payload in results(run))
    opened = Event.objects.filter(episode__run=run, kind="episode_started").values_list("payload", flat=True)
    assert all("search_manuals" not in payload["tools"] for payload in opened)


def test_everything_may_be_simulated() -> None:
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(provider="fake", base_url=provider.url)
        run = shed_run(3, simulate="all")
        play(run)
    found = results(run)
    assert found and all(payload.get("simulated") or "error" in payload for payload in found)


@pytest.mark.parametrize("word", [{}, {"simulate": "all"}])
def test_a_preview_is_word_for_word_what_was_asked(word: dict[str, str]) -> None:
    asked: list[list[dict[str, Any]]] = []

    def remember(body: dict[str, Any]) -> dict[str, Any]:
        asked.append(body["messages"])
        return simulate(body)

    with provider_in_thread(FakeProvider(remember)) as provider:
        an_endpoint(provider="fake", base_url=provider.url)
        run = shed_run(4, **word)
        play(run)
    answered = Event.objects.filter(episode__run=run, kind="tool_result", payload__simulated__isnull=False).order_by("-seq").first()
    assert answered is not None
    episode = episodes.episode_get(answered.episode_id)
    assert episode is not None
    shown = preview("tool", episode)
    assert shown is not None and shown.messages in asked
    assert shown.about == f"manual_shed.{answered.payload['name']}"
    assert shown.program == (answered.payload["name"] != "search_manuals")
    mine = preview("tool", episode, "You are {name}.")
    assert mine is not None and mine.messages[0]["content"] == f"You are {answered.payload['name']}."


def test_a_played_program_is_shown_as_if_everything_was_simulated() -> None:
    run = shed_run(2, seat="scripted")
    play(run)
    episode = episodes.episode_get(Episode.objects.filter(run=run, calls__gt=0)[0].pk)
    assert episode is not None
    shown = preview("tool", episode)
    assert shown is not None and shown.program


async def refuse(to: Any, _completion: Any, _stream: bool) -> None:
    """An account that is empty."""
    await to.send(402, b'{"error": {"type": "insufficient_quota", "message": "Nothing left."}}')


def test_a_model_that_is_away_stops_the_run_between_two_calls_and_it_goes_on_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faults.FAULTS, "402", refuse)
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(provider="fake", base_url=provider.url, model="fake:fault=402,times=1")
        run = shed_run(6)
        play(run)
        run.refresh_from_db()
        assert run.status == "paused" and run.stopped and run.stopped["party"] == "tool"
        begun = {row.pk: row.next_seq for row in Episode.objects.filter(run=run)}
        run_resume(run_id=run.pk)
        play(run)
    rows = list(Episode.objects.filter(run=run))
    assert {row.status for row in rows} == {"judged"} and all(row.next_seq >= begun[row.pk] for row in rows)
    assert not any(row.crashes for row in rows)
    assert not CheckResult.objects.filter(check_id="replays").exists()


def test_what_is_left_out_is_said_at_the_start() -> None:
    run = shed_run(1, seat="scripted")
    assert run.options["left_out"] == {"manual_shed": {"tools": ["search_manuals", "leave_note"], "intents": ["charge_time"]}}
    an_endpoint()
    assert "left_out" not in a_run(1, personas=[], seats={"tools": "model:m"}).options


def test_a_domain_that_is_nothing_without_a_simulator_is_refused_with_the_remedy() -> None:
    shed_run(1, seat="scripted")
    release = Release.objects.get()
    wanted = release.pack["intents"]["charge_time"]
    Release.objects.filter(pk=release.pk).update(pack=release.pack | {"intents": {"charge_time": wanted}})
    with pytest.raises(RunError, match=r"search_manuals.*--tools model:NAME"):
        a_run(1, personas=[])


@pytest.mark.parametrize(("seats", "word"), [({}, "all"), ({"tools": "model:m"}, "some")])
def test_simulating_everything_wants_a_model_and_the_word(seats: dict[str, str], word: str) -> None:
    an_endpoint()
    shed_run(1, seat="scripted")
    with pytest.raises(RunError, match="--simulate"):
        a_run(1, personas=[], seats=seats, options={"simulate": word})


def test_the_starter_domain_with_simulated_tools_is_played_with_and_without_a_model(browser_of: Callable[[Role], Client]) -> None:
    install("bike_workshop")
    launcher = browser_of(Role.OPERATOR).get("/runs/new/").content.decode()
    assert "bike_workshop: no program answers search_guides, ask_mechanic." in launcher and "played without care_question." in launcher
    asked: dict[str, Any] = {"seed": 7, "variations": ["plain", "forbidden"], "domains": ["bike_workshop"]}
    alone = run_start(**asked, episodes=12)
    assert alone.options["left_out"]["bike_workshop"] == {"tools": ["search_guides", "ask_mechanic"], "intents": ["care_question"]}
    assert play(alone) == 12
    assert not Event.objects.filter(episode__run=alone, kind="tool_result", payload__simulated=True).exists()
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(provider="fake", base_url=provider.url)
        run = run_start(**asked, episodes=24, seats={"tools": "model:m"})
        assert play(run) == 24
    simulated = [payload for payload in results(run) if payload.get("simulated")]
    assert {payload["name"] for payload in simulated} == {"search_guides"} and all(payload["notes"] for payload in simulated)
    assert set(Judgement.objects.filter(episode__run__in=[alone, run]).values_list("passed", flat=True)) == {True}
