"""A run over two domains the whole way: planned, generated and played in a sandbox, judged, shown, and given out as one conversation."""

import asyncio
from collections.abc import Callable

import pytest
from django.test import Client

from judging.models import Judgement
from judging.selectors.transcripts import openai_chat
from studio.models import Role
from studio.pipelines.run_stage import RunStage
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.models import Episode, Event, ToolUse
from synthesis.services.runs import RunError, run_start
from tests.builders_runs import a_slice, install
from tests.two_domains import AIRLINE, HOTEL

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=120, idle=30, lease=10, heartbeat=1, grace=10)


def test_a_run_over_two_domains(browser_of: Callable[[Role], Client]) -> None:
    install(AIRLINE, HOTEL)
    run = run_start(seed=7, episodes=8, plays=2, variations=["plain", "switched_topic"], options={"two_domains": 1.0}, concurrency=1)
    assert asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=RunStage(run), limits=QUICK).run()) == 8
    rows = list(Episode.objects.filter(run=run).order_by("index"))
    assert {row.status for row in rows} == {"judged"} and len({row.scenario_id for row in rows}) == 4
    assert all(len(row.cast["team"]) == 1 for row in rows)
    judgements = Judgement.objects.filter(episode__run=run)
    assert [(row.passed, row.overall) for row in judgements] == [(True, row.overall) for row in judgements if (row.overall or 0) >= 4.5]
    assert set(ToolUse.objects.filter(episode__run=run).values_list("tool__release__domain__slug", flat=True)) == {AIRLINE, HOTEL}

    row = next(row for row in rows if row.domain == AIRLINE)
    handoff = Event.objects.get(episode=row, kind="handoff").payload
    assert (handoff["from"], handoff["to"]) == (AIRLINE, HOTEL)
    told = openai_chat(row.pk)
    assert told
    system = told["messages"][0]["content"]
    names = {tool["function"]["name"] for tool in told["tools"]}
    assert {"transfer_to_airline_rebooking", "transfer_to_hotel_desk", "hotel_desk_find_booking", "find_booking"} <= names
    assert "For what concerns" in system and "Tools: find_booking" in system and "hotel_desk_find_booking" in system

    browser = browser_of(Role.OPERATOR)
    page = browser.get(f"/runs/episodes/{row.pk}/").content.decode()
    assert f'<span class="badge">{HOTEL}</span>' in page and f"/catalogue/domains/{HOTEL}/" in page
    results = Event.objects.filter(episode__run=run, kind="tool_result").order_by("pk")
    wrote, change = next((event, change) for event in results for change in event.payload["delta"] if "." in change["table"])
    table = browser.get(f"/runs/episodes/{wrote.episode_id}/steps/{wrote.seq}/tables/?table={change['table']}").content.decode()
    assert f'aria-current="page">{change["table"]}<' in table and '<tr class="touched' in table
    assert browser.get(f"/runs/episodes/{row.pk}/steps/1/tables/?table={HOTEL}.nothing").status_code == 404
    scenario = browser.get(f"/catalogue/scenarios/{row.scenario_id}/").content.decode()
    assert "The final state is the expected one. So is its digest." in scenario
    assert f"/catalogue/domains/{HOTEL}/tools/" in scenario
    alone = next(iter(rows)).scenario
    assert alone is not None and [wish["domain"] for wish in alone.body["wishes"]][-1] in {AIRLINE, HOTEL}


def test_a_share_is_a_share() -> None:
    install(AIRLINE, HOTEL)
    run = run_start(seed=3, episodes=200, variations=["plain", "forbidden"], options={"two_domains": 0.5})
    teams = [(row.variation, bool(row.cast["team"])) for row in Episode.objects.filter(run=run)]
    assert 30 < teams.count(("plain", True)) < 70
    assert not teams.count(("forbidden", True)), "a refusal has no further wish"
    whole = run_start(seed=3, episodes=200, variations=["plain", "forbidden"])
    casts = [
        [{**cast, "team": []} for cast in Episode.objects.filter(run=one).order_by("index").values_list("cast", flat=True)]
        for one in (run, whole)
    ]
    assert casts[0] == casts[1], "everybody else is cast as ever"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"options": {"two_domains": 1.5}}, "1.5 is not a share"),
        ({"options": {"two_domains": 0.5}, "domains": [HOTEL]}, "only one domain"),
        ({"options": {"two_domains": 0.5}, "variations": ["forbidden"]}, "Add one of plain, gradual"),
    ],
)
def test_what_cannot_be_over_two_domains(arguments: dict[str, object], says: str) -> None:
    install(AIRLINE, HOTEL)
    with pytest.raises(RunError, match=says) as caught:
        run_start(**{"seed": 1, "episodes": 4, **arguments})  # type: ignore[arg-type]
    assert caught.value.place == "--two-domains"
