"""The pages of agent profiles and the sample of the factory."""

from collections.abc import Callable

import msgspec
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import AuditEntry, Role
from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.models import AgentProfile, Episode
from synthesis.services.people import people_install
from tests.builders_many import many_episodes
from tests.builders_runs import PERSONA, PROFILE, a_run, install
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
GOOD = {
    "slug": "clerk",
    "role": "a clerk",
    "tone": "brisk",
    "asks": "one_by_one",
    "confirms": "on",
    "capabilities": "finding things",
    "rules": "Ask for one thing at a time.",
}


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    install()


@pytest.mark.parametrize("name", ["agents", "agent", "agent_new", "agent_edit", "sample"])
def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(name: str, client: Client, stranger: User) -> None:
    url = reverse(f"cast:{name}", args=[PROFILE.slug] if name in {"agent", "agent_edit"} else [])
    assert client.get(url)["Location"].startswith(reverse("access:sign_in"))
    assert signed_in(stranger).get(url).status_code == 404


def test_the_list_asks_the_same_few_queries_however_long(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("cast:agents")).status_code == 200
        return len(asked)

    few = queries()
    people_install(personas=[PERSONA], profiles=[msgspec.structs.replace(PROFILE, slug=f"a{n:02}") for n in range(49)])
    assert queries() == few <= 6


def test_figures_are_those_of_its_judged_episodes_and_reviewers_see_none(browser_of: BrowserOf) -> None:
    run = many_episodes(200, failing=0.5, troubled=0.0)
    Episode.objects.filter(run=run, index__lt=50).update(agent="desk")
    passed = Episode.objects.filter(run=run, index__lt=50, judgements__passed=True).count()
    browser = browser_of(Role.VIEWER)
    [line] = browser.get(reverse("cast:agents")).context["lines"]
    assert (line[2].judged, line[2].passed) == (50, passed / 50)
    page = browser.get(reverse("cast:agent", args=["desk"]))
    assert page.context["figures"] == line[2]
    assert [episode.index for episode in page.context["page"].items] == list(range(49, 29, -1))
    hidden = browser_of(Role.REVIEWER).get(reverse("cast:agent", args=["desk"]))
    assert hidden.context["figures"] is None and "Mean score" not in hidden.content.decode()
    assert browser_of(Role.REVIEWER).get(reverse("cast:agents")).context["lines"][0][2] is None


def test_one_is_written_heard_and_edited(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    heard = browser.post(reverse("cast:agent_new"), GOOD | {"preview": "1"})
    assert len(heard.context["voices"]) == 2 and not AgentProfile.objects.filter(slug="clerk").exists()
    assert browser.post(reverse("cast:agent_new"), GOOD)["Location"] == reverse("cast:agent", args=["clerk"])
    row = AgentProfile.objects.get(slug="clerk")
    assert (row.tone, row.origin, row.profile["rules"], row.profile["parallel"]) == ("brisk", "authored", [GOOD["rules"]], False)
    browser.post(reverse("cast:agent_edit", args=["clerk"]), GOOD | {"tone": "warm"})
    row.refresh_from_db()
    assert (row.tone, row.profile["tone"]) == ("warm", "warm")
    assert browser.post(reverse("cast:agent_active", args=["clerk"]), {"active": "no"}).status_code == 302
    assert [entry.action for entry in AuditEntry.objects.filter(kind="agent").order_by("pk")] == [
        "agents.create",
        "agents.edit",
        "agents.rest",
    ]


def test_a_rule_against_its_habits_is_refused_at_its_field(browser_of: BrowserOf) -> None:
    answer = browser_of(Role.AUTHOR).post(reverse("cast:agent_new"), GOOD | {"asks": "together"})
    assert answer.status_code == 422
    assert "speaks of a habit" in str(answer.context["form"].errors["rules"])
    assert not AgentProfile.objects.filter(slug="clerk").exists()


def test_colleagues_and_tools_of_a_team_are_written_and_shown(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    team = {"toolset": "lookups\ncancel_*", "colleagues": "desk: any change to a record"}
    assert browser.post(reverse("cast:agent_new"), GOOD | team).status_code == 302
    row = AgentProfile.objects.get(slug="clerk")
    assert row.profile["toolset"] == ["lookups", "cancel_*"]
    assert row.profile["colleagues"] == [{"slug": "desk", "when": "any change to a record"}]
    page = browser.get(reverse("cast:agent", args=["clerk"])).content.decode()
    assert reverse("cast:agent", args=["desk"]) in page and "any change to a record" in page
    assert "desk: any change to a record" in browser.get(reverse("cast:agent_edit", args=["clerk"])).content.decode()
    for wrong, field in (
        ({"colleagues": "nobody: x"}, "colleagues"),
        ({"colleagues": "desk:"}, "colleagues"),
        ({"toolset": "a b"}, "toolset"),
    ):
        answer = browser.post(reverse("cast:agent_edit", args=["clerk"]), GOOD | team | wrong)
        assert answer.status_code == 422 and field in answer.context["form"].errors
    row.refresh_from_db()
    assert row.profile["toolset"] == ["lookups", "cancel_*"]


def test_a_sample_is_what_a_run_casts(browser_of: BrowserOf) -> None:
    people_install(personas=personas(), profiles=agent_profiles())
    page = browser_of(Role.VIEWER).get(reverse("cast:sample"), {"seed": 7, "number": 20})
    run = a_run(20, seed=7)
    cast = [
        (row["persona"]["slug"], row["agent"]["slug"])
        for row in Episode.objects.filter(run=run).order_by("index").values_list("cast", flat=True)
    ]
    assert [(line[0].persona.slug, line[0].agent.slug) for line in page.context["lines"]] == cast
    assert page.context["distinct"] == len({agent for _persona, agent in cast}) > 15


def test_one_of_a_sample_is_kept_once(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    drawn = browser.get(reverse("cast:sample"), {"seed": 3, "number": 5}).context["lines"][4][0].agent
    chosen = {"seed": 3, "number": 5, "index": 4, "agent": drawn.slug}
    slug = drawn.slug.replace("-", "_")
    assert browser.post(reverse("cast:keep"), chosen)["Location"] == reverse("cast:agent", args=[slug])
    kept = AgentProfile.objects.get(slug=slug)
    assert (kept.origin, kept.profile) == ("sampled", msgspec.to_builtins(msgspec.structs.replace(drawn, slug=slug)))
    # The catalogue is another one now, so the same draw may give somebody else: then nothing is kept.
    again = browser.post(reverse("cast:keep"), chosen | {"agent": "desk-00000000"}, follow=True).content.decode()
    assert "The catalogue has changed" in again
    assert AgentProfile.objects.count() == 2
    assert browser.post(reverse("cast:keep"), {"seed": "x"})["Location"] == reverse("cast:sample")


@pytest.mark.parametrize("query", [{"seed": "x", "number": "3"}, {"seed": "1", "number": "0"}, {"seed": "1", "number": "101"}])
def test_a_sample_that_cannot_be_drawn_says_why(query: dict[str, str], browser_of: BrowserOf) -> None:
    answer = browser_of(Role.VIEWER).get(reverse("cast:sample"), query)
    assert (answer.status_code, answer.context["lines"]) == (422, [])
    assert answer.context["form"].errors
