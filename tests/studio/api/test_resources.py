"""Lists in pages, single things, and how many queries they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from judging.models import Judgement
from studio.api.resource import Listing, Single
from studio.api.urls import RESOURCES
from synthesis.models import Episode, Event, Run
from tests.builders_runs import a_run, install
from tests.studio.api.conftest import Caller
from tests.studio.api.things import path_of

LISTS = [(pattern, view) for pattern, view in RESOURCES if issubclass(view, Listing)]
SINGLES = [(pattern, view) for pattern, view in RESOURCES if issubclass(view, Single)]
OF_THE_CALLER = ("studio_apitoken", "studio_membership")
"""Tables that are asked who calls, at every request alike."""


def queries(caller: Caller, path: str) -> int:
    """How many queries a path costs beside those about the caller."""
    with CaptureQueriesContext(connection) as asked:
        response = caller.get(path)
    assert response.status_code == 200, response.content
    return sum(
        not any(f'FROM "{table}"' in query["sql"] or f'UPDATE "{table}"' in query["sql"] for table in OF_THE_CALLER) for query in asked
    )


def everything(caller: Caller, path: str, limit: int) -> list[Any]:
    """All pages of a list."""
    items, url = [], f"{path}?limit={limit}"
    while url:
        page = caller.get(url).json()
        assert len(page["items"]) <= limit
        items += page["items"]
        url = page["next"] or ""
    return items


@pytest.mark.parametrize(("pattern", "view"), LISTS, ids=[pattern for pattern, _ in LISTS])
def test_pages_of_any_size_hold_the_whole_list(pattern: str, view: Any, owner_calls: Caller, places: dict[str, Any]) -> None:
    path = path_of(pattern, places)
    whole = everything(owner_calls, path, 200)
    assert whole
    assert everything(owner_calls, path, 1) == everything(owner_calls, path, 3) == whole


@pytest.mark.parametrize(("pattern", "view"), LISTS, ids=[pattern for pattern, _ in LISTS])
def test_a_page_costs_one_query(pattern: str, view: Any, owner_calls: Caller, places: dict[str, Any]) -> None:
    # A list of something's parts first asks whether the thing is there; one that tells scores or disputes, which episodes the caller
    # reviews blind.
    blind = pattern in {"judgements/", "reviews/", "preference-pairs/", "rubrics/<slug:slug>/trials/"}
    # Who opened the test part of each calibration is one query for the whole page.
    looks = pattern == "calibrations/"
    # Which items have something to settle, then those items, then what of them waits.
    settling = 2 * (pattern == "disputes/")
    assert queries(owner_calls, path_of(pattern, places)) == 1 + pattern.count("<") + blind + looks + settling


@pytest.mark.parametrize(("pattern", "view"), SINGLES, ids=[pattern for pattern, _ in SINGLES])
def test_single_things_have_an_etag(pattern: str, view: Any, owner_calls: Caller, places: dict[str, Any]) -> None:
    path = path_of(pattern, places)
    first = owner_calls.get(path)
    assert first.status_code == 200, first.content
    same = owner_calls.get(path, **{"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert owner_calls.get(path, **{"If-None-Match": '"other"'}).json() == first.json()


def test_filters(owner_calls: Caller, places: dict[str, Any], judged: Run) -> None:
    def numbers(path: str) -> list[int]:
        return [item["id"] for item in owner_calls.get(f"/api/v1/{path}").json()["items"]]

    running = list(Episode.objects.filter(run_id=places["run_id"]).order_by("-pk").values_list("pk", flat=True))
    assert numbers(f"episodes/?run={places['run_id']}") == running
    assert numbers("episodes/?status=planned&domain=vet_clinic&variation=plain") == running
    assert numbers("episodes/?domain=none") == []
    assert numbers("runs/?status=finished") == [judged.pk]
    # The judgement of the episode that the caller is reviewing is not among them.
    assert Judgement.objects.count() == 2
    assert numbers(f"judgements/?run={judged.pk}&passed=true") == [places["judgement_id"]]
    assert numbers("judgements/?passed=false") == []
    assert numbers("exports/?status=done") == [places["job_id"]]
    assert numbers("tools/?domain=none") == numbers("tools/?side=user") == []
    slugs = owner_calls.get("/api/v1/domains/?category=health").json()["items"]
    assert {item["slug"] for item in slugs} == {"clinic", "vet_clinic"}
    assert owner_calls.get("/api/v1/agents/?active=false").json()["items"] == []


def test_a_log_can_be_followed(owner_calls: Caller, places: dict[str, Any]) -> None:
    path = f"/api/v1/episodes/{places['episode_id']}/events/"
    log = owner_calls.get(path).json()["items"]
    assert [event["seq"] for event in log] == list(range(len(log)))
    assert [event["seq"] for event in owner_calls.get(f"{path}?after=2").json()["items"]] == list(range(3, len(log)))
    assert {event["kind"] for event in owner_calls.get(f"{path}?kind=tool_result").json()["items"]} == {"tool_result"}
    # A cursor goes on from where its page ended, not from where the caller first began.
    page = owner_calls.get(f"{path}?after=2&limit=2").json()
    assert [event["seq"] for event in owner_calls.get(page["next"]).json()["items"]] == [5, 6]
    assert owner_calls.get("/api/v1/episodes/999999/events/").status_code == 404


def test_a_conversation_pairs_calls_and_results(owner_calls: Caller, places: dict[str, Any]) -> None:
    read = owner_calls.get(f"/api/v1/episodes/{places['episode_id']}/trajectory/").json()
    called = [call["id"] for message in read["messages"] for call in message["calls"]]
    answered = [message["call_id"] for message in read["messages"] if message["role"] == "tool"]
    assert called and called == answered
    assert read["reason"] == "user_done" and read["problems"] == []
    unplayed = Episode.objects.filter(run_id=places["run_id"])[0].pk
    assert owner_calls.get(f"/api/v1/episodes/{unplayed}/trajectory/").json()["messages"] == []


def test_a_judgement_tells_why(owner_calls: Caller, places: dict[str, Any]) -> None:
    told = owner_calls.get(f"/api/v1/judgements/{places['judgement_id']}/").json()
    assert told["overall"] == 5.0 and told["checks"]["final_state"] == 1
    assert told["scores"][0]["criterion"] == "task_success" and told["scores"][0]["question"]


def test_the_funnel(owner_calls: Caller, judged: Run) -> None:
    told = owner_calls.get(f"/api/v1/runs/{judged.pk}/funnel/").json()
    assert (told["planned"], told["checks_passed"], told["judged"], told["kept"]) == (2, 2, 2, None)


def test_long_lists_cost_no_more(owner_calls: Caller) -> None:
    install()
    run = a_run(2000)
    for query in ("", f"?run={run.pk}", f"?run={run.pk}&status=failed", "?variation=plain&limit=200"):
        assert queries(owner_calls, f"/api/v1/episodes/{query}") == 1


def test_lists_do_not_open_what_is_long(owner_calls: Caller, places: dict[str, Any]) -> None:
    whole = Event.objects.filter(episode_id=places["episode_id"]).count()
    assert whole > 5
    for path, absent in (("domains", "pack_text"), ("releases", "pack"), ("scenarios", "body"), ("episodes", "cast")):
        assert absent not in owner_calls.get(f"/api/v1/{path}/").json()["items"][0]
