"""The page that forks an episode."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.models import Role
from synthesis.models import Episode, ModelEndpoint, Run
from tests.builders_logs import an_episode, append, close, end, says, start
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


@pytest.fixture
def episode() -> Episode:
    """An episode whose talk is over after event 2."""
    made = an_episode()
    opening = {**start(), "payload": {"cast": made.cast, "tools": ["find_client"]}}
    bye = says("user", "bye")
    bye["payload"]["done"] = True
    append(made, opening, says("user", "hello"), says("agent", "good day"), bye, end())
    close(made)
    return made


def url_of(episode: Episode) -> str:
    return reverse("runs:fork", args=[episode.pk])


def test_a_fork_is_a_run_of_its_own_and_one_lands_there(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert 'value="1"' in browser.get(url_of(episode), {"step": 1}).content.decode()
    answer = browser.post(url_of(episode), {"step": 1, "how": "keep"})
    made = Episode.objects.latest("pk")
    assert answer["Location"] == reverse("runs:episode", args=[made.pk])
    assert made.run_id != episode.run_id
    text = browser.get(answer["Location"]).content.decode()
    assert "forked at step 1" in text
    agent = episode.cast["agent"]
    assert f"{agent['slug']} · {agent['role']} · {agent['tone']}" in text, "the note tells in words who goes on"
    assert f'href="{reverse("runs:episode", args=[episode.pk])}#e1"' in text, "it links to where it comes from"
    assert "Fork of" in browser.get(reverse("runs:run", args=[made.run_id])).content.decode()


def test_the_step_is_at_most_the_last_from_which_one_can_go_on(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    for step in ("", "4", "99", "x"):
        assert 'name="step" value="2"' in browser.get(url_of(episode), {"step": step}).content.decode(), step
    empty = an_episode(status="queued", run=episode.run)
    Episode.objects.filter(pk=empty.pk).update(next_seq=0)
    empty.events.all().delete()
    assert "nothing to go on from" in browser.get(url_of(empty)).content.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"step": 3, "how": "keep"}, "already over"),
        ({"step": "", "how": "keep"}, "required"),
        ({"step": 1, "how": "one", "kind": "timeout"}, "Choose the tool"),
        ({"step": 1, "how": "keep", "agent": "nobody"}, "not one of the available choices"),
    ],
)
def test_what_cannot_work_is_said_and_nothing_is_lost(data: dict[str, object], says: str, episode: Episode, browser_of: BrowserOf) -> None:
    before = Run.objects.count()
    answer = browser_of(Role.OPERATOR).post(url_of(episode), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert f'name="step" value="{data["step"]}"' in answer.content.decode() or not data["step"]
    assert Run.objects.count() == before


def test_who_may_not_start_runs_is_not_offered_a_fork(episode: Episode, browser_of: BrowserOf, client: Client, stranger: User) -> None:
    page = reverse("runs:episode", args=[episode.pk])
    assert url_of(episode) in browser_of(Role.AUTHOR).get(page).content.decode()
    assert url_of(episode) not in browser_of(Role.VIEWER).get(page).content.decode()
    assert browser_of(Role.VIEWER).post(url_of(episode), {"step": 1}).status_code == 404
    assert signed_in(stranger).get(url_of(episode)).status_code == 404
    assert client.get(url_of(episode))["Location"].startswith(reverse("access:sign_in"))


def test_models_are_offered_for_the_seats_they_may_take_and_one_plays_on(episode: Episode, browser_of: BrowserOf) -> None:
    fields = {"base_url": "http://127.0.0.1:9/v1", "model": "x", "provider": "other"}
    ModelEndpoint.objects.create(slug="for-agents", purposes=["agent"], **fields)
    ModelEndpoint.objects.create(slug="for-judges", purposes=["judge"], **fields)
    browser = browser_of(Role.OPERATOR)
    page = browser.get(url_of(episode)).content.decode()
    assert page.count('value="model:for-agents"') == 1, "offered as the agent alone"
    assert "for-judges" not in page
    browser.post(url_of(episode), {"step": 1, "how": "keep", "agent_player": "model:for-agents"})
    made = Episode.objects.latest("pk")
    assert made.cast["seats"]["agent"] == made.run.seats["agent"] == "model:for-agents"
    assert made.cast["seats"]["user"] == episode.cast["seats"]["user"]
    answer = browser.post(url_of(episode), {"step": 1, "how": "keep", "user_player": "model:for-judges"})
    assert answer.status_code == 422
    assert Episode.objects.latest("pk") == made
