"""The composer of a seat that is played by hand."""

from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.models import Role
from studio.pipelines.forking import fork
from synthesis.engine.participants.forking import FaultChoice
from synthesis.models import Episode, Event, Run
from tests.builders_logs import an_episode, append, result, says, start
from tests.builders_runs import a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


@pytest.fixture
def episodes(owner: User) -> dict[str, Episode]:
    """One episode that waits for its user, one for its agent."""
    origin = an_episode()
    append(origin, {**start(), "payload": {"cast": origin.cast, "tools": []}}, says("user", "hello"))

    def taken(seq: int, seat: str) -> Episode:
        return fork(actor=owner, episode_id=origin.pk, seq=seq, persona="", agent="", faults=FaultChoice(), by_hand=[seat])

    return {"user": taken(0, "user"), "agent": taken(1, "agent")}


def url_of(episode: Episode) -> str:
    return reverse("runs:hand", args=[episode.pk])


def test_the_user_says_something_and_the_episode_goes_on(episodes: dict[str, Episode], browser_of: BrowserOf) -> None:
    browser, waiting = browser_of(Role.OPERATOR), episodes["user"]
    page = reverse("runs:episode", args=[waiting.pk])
    text = browser.get(page).content.decode()
    assert "Your turn: you play the user" in text
    assert "Waiting for a person" in text
    answer = browser.post(url_of(waiting), {"seq": 2, "text": "Hi <b>there</b>", "done": "on"})
    assert answer["Location"] == page
    said = Event.objects.get(episode=waiting, seq=2).payload
    assert (said["text"], said["done"]) == ("Hi <b>there</b>", True)
    waiting.run.refresh_from_db()
    assert waiting.run.status == "running"
    assert "hx-trigger" in browser.get(url_of(waiting), headers={"HX-Request": "true"}).content.decode()


def test_the_agent_calls_a_tool_with_a_form_from_its_schema(episodes: dict[str, Episode], browser_of: BrowserOf) -> None:
    browser, waiting = browser_of(Role.OPERATOR), episodes["agent"]
    text = unescape(browser.get(url_of(waiting), {"tool": "find_owner", "text": "One moment."}).content.decode())
    assert 'name="arg.phone"' in text
    assert ">One moment.</textarea>" in text, "what was written stays when a tool is chosen"
    browser.post(url_of(waiting), {"seq": 3, "text": "One moment.", "tool": "find_owner", "arg.phone": "555-0101"})
    payload = Event.objects.get(episode=waiting, seq=3).payload
    [made] = payload["tool_calls"]
    assert (payload["text"], made["name"], made["arguments"]) == ("One moment.", "find_owner", {"phone": "555-0101"})


@pytest.mark.parametrize(
    ("seat", "data", "says"),
    [
        ("user", {"seq": 2, "text": " "}, "Write what the user says"),
        ("agent", {"seq": 3, "text": ""}, "or choose a tool"),
        ("user", {"seq": 1, "text": "too late"}, "has gone on meanwhile"),
    ],
)
def test_what_is_no_move_is_said_and_kept(
    seat: str, data: dict[str, str], says: str, episodes: dict[str, Episode], browser_of: BrowserOf
) -> None:
    answer = browser_of(Role.OPERATOR).post(url_of(episodes[seat]), data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert str(data["text"]).strip() in text
    assert Event.objects.filter(episode=episodes[seat]).count() == episodes[seat].next_seq


def test_who_may_not_start_runs_cannot_play(episodes: dict[str, Episode], browser_of: BrowserOf, client: Client, stranger: User) -> None:
    waiting = episodes["user"]
    assert "Your turn" not in browser_of(Role.VIEWER).get(reverse("runs:episode", args=[waiting.pk])).content.decode()
    assert browser_of(Role.VIEWER).post(url_of(waiting), {"seq": 2, "text": "x"}).status_code == 404
    assert signed_in(stranger).get(url_of(waiting)).status_code == 404
    assert client.get(url_of(waiting))["Location"].startswith(reverse("access:sign_in"))


def test_an_episode_without_such_a_seat_has_no_composer(browser_of: BrowserOf) -> None:
    assert browser_of(Role.OPERATOR).get(url_of(an_episode())).status_code == 404


def test_a_user_with_tools_of_its_own_uses_one_and_then_tells_of_it(owner: User, browser_of: BrowserOf) -> None:
    install("phone_support")
    run = a_run(1)
    queued(run)
    origin = an_episode(run=run)
    tools = {"tools": ["list_lines"], "user_tools": ["check_status_bar", "set_airplane_mode"]}
    append(
        origin, {**start(), "payload": {"cast": origin.cast, **tools}}, says("user", "hello"), says("agent", "Airplane mode off, please.")
    )
    waiting = fork(actor=owner, episode_id=origin.pk, seq=2, persona="", agent="", faults=FaultChoice(), by_hand=["user"])
    browser = browser_of(Role.OPERATOR)
    text = unescape(browser.get(url_of(waiting), {"tool": "set_airplane_mode"}).content.decode())
    assert 'name="arg.enabled"' in text
    assert "list_lines" not in text, "the agent's tools are not the user's"
    refused = browser.post(url_of(waiting), {"seq": 4, "text": "There!", "tool": "set_airplane_mode", "arg.enabled": "false"})
    assert "Nothing is said with a call of the user" in refused.content.decode()
    browser.post(url_of(waiting), {"seq": 4, "text": "", "tool": "set_airplane_mode", "arg.enabled": "false"})
    said = Event.objects.get(episode=waiting, seq=4)
    [made] = said.payload["tool_calls"]
    assert (said.payload["role"], said.payload["text"], made["name"], made["arguments"]) == (
        "user",
        "",
        "set_airplane_mode",
        {"enabled": False},
    )
    page = unescape(browser.get(reverse("runs:episode", args=[waiting.pk])).content.decode())
    assert "user's side" in page
    assert "Does something on their own side" in page
    assert "unknown tool" not in page
    shown = result(made["id"], {"airplane": False}, requestor="user", name="set_airplane_mode")
    append(waiting, {**shown, "turn": said.turn})
    Run.objects.filter(pk=waiting.run_id).update(status="paused")
    browser.post(url_of(waiting), {"seq": 6, "text": "It is off now."})
    assert Event.objects.get(episode=waiting, seq=6).turn == said.turn, "telling of it belongs to the same turn"
