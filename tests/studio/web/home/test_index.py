"""The first page: what to do next, what is going on, the funnel and coverage of the newest run or of all."""

import re
from collections.abc import Callable
from time import process_time

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from judging.models import Judgement
from judging.services import dataset_build
from studio.access import audit
from studio.models import Role, Trial
from synthesis.models import Episode, EpisodeTruth, ModelUsage, Run
from tests.builders_endpoints import an_endpoint
from tests.builders_many import many_episodes
from tests.builders_runs import a_run, install, queued
from tests.judging.services.reviewing import a_queue, sealed
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
HOME = "/"
LIVE = reverse("home:live")


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    assert client.get(HOME).status_code == 302
    assert signed_in(stranger).get(HOME).status_code == 404


def test_an_empty_studio_says_what_to_do(browser_of: BrowserOf) -> None:
    page = browser_of(Role.OWNER).get(HOME).content.decode()
    assert "Nothing has been made yet" in page and reverse("runs:new") in page
    assert reverse("runs:new") not in browser_of(Role.VIEWER).get(HOME).content.decode()


def test_a_run_shows_its_funnel_and_what_it_covers(browser_of: BrowserOf) -> None:
    install()
    run = a_run(6)
    queued(run)
    Episode.objects.filter(run=run, index__lt=4).update(status="judged")
    page = browser_of(Role.OPERATOR).get(HOME).content.decode()
    assert f"Funnel of run {run.pk}" in page and f"Coverage of run {run.pk}" in page
    assert reverse("runs:run", args=[run.pk]) in page
    row = page[page.index('scope="row">vet_clinic') :].split("</tr>")[0]
    assert ">4</a></td>" in row and row.count("missing") == 12


def test_what_is_missing_leads_to_a_launcher_and_what_is_there_to_its_episodes(browser_of: BrowserOf) -> None:
    install()
    run = a_run(6)
    queued(run)
    Episode.objects.filter(run=run).update(status="judged")
    page = browser_of(Role.OPERATOR).get(HOME).content.decode()
    row = page[page.index('scope="row">vet_clinic') :].split("</tr>")[0]
    links = [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]+)"', row)]
    assert f"{reverse('runs:new')}?domains=vet_clinic&variations=forbidden" in links
    listed = browser_of(Role.OPERATOR).get(next(url for url in links if "status=judged" in url)).content.decode()
    assert listed.count('scope="row"') == 6
    assert reverse("runs:new") not in browser_of(Role.VIEWER).get(HOME).content.decode()


def test_all_runs_are_counted_on_request(browser_of: BrowserOf) -> None:
    first, second = many_episodes(60, failing=0.2), many_episodes(40, failing=0.2)
    kept = dataset_build(run=first).kept
    page = browser_of(Role.OWNER).get(HOME).content.decode()
    assert f"Funnel of run {second.pk}" in page
    every = browser_of(Role.OWNER).get(HOME, {"runs": "all"}).content.decode()
    funnel = every.split('id="funnel-title"')[1].split("</table>")[0]
    assert "Funnel of all runs" in every and ">100</a>" in funnel and f">{kept}</a>" in funnel


def cost_told(browser: Client, **query: str) -> str:
    """What the tile says, as text."""
    page = browser.get(HOME, query).content.decode()
    tile = page.split("Cost of a kept episode</dt>")[1].split("</div>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", tile)).strip()


def test_a_kept_episode_costs_what_the_runs_models_took(browser_of: BrowserOf) -> None:
    browser, today = browser_of(Role.VIEWER), timezone.now().date()
    first = many_episodes(20, failing=0.5, troubled=0)
    assert cost_told(browser) == "0 no model was asked"
    dollars, euros = an_endpoint("kimi"), an_endpoint("judge", currency="EUR")
    ModelUsage.objects.create(endpoint=dollars, run=first, role="agent", day=today, calls=40, cost=6_000_000)
    ModelUsage.objects.create(endpoint=dollars, role="author", day=today, calls=9, cost=900_000_000)
    accepted(first, 0)
    assert cost_told(browser) == "– 6.00 USD spent, nothing to keep yet"
    assert accepted(first, 5) == 5
    assert cost_told(browser) == "1.20 USD 5 good enough to be kept"
    second = many_episodes(10, failing=0, troubled=0)
    accepted(second, 3)
    assert cost_told(browser) == "0 no model was asked"
    assert cost_told(browser, runs="all") == "1.20 USD 5 good enough to be kept", "what is scripted dilutes nothing"
    ModelUsage.objects.create(endpoint=euros, run=second, role="judge", day=today, calls=10, cost=800_000)
    assert cost_told(browser) == "0.2667 EUR 3 good enough to be kept"
    assert cost_told(browser, runs="all") == "0.7500 USD + 0.1000 EUR 8 good enough to be kept"
    assert "Cost of a kept episode" not in browser_of(Role.REVIEWER).get(HOME).content.decode()


def accepted(run: Run, number: int) -> int:
    """Let so many episodes of the run be good enough, and no more."""
    rows = Judgement.objects.filter(episode__run=run).order_by("pk")
    rows.update(overall=3.0)
    good = list(rows.values_list("pk", flat=True)[:number])
    blameless = {"passed": True, "party": "", "tag": "", "severity": "", "flaw": ""}
    return Judgement.objects.filter(pk__in=good).update(overall=5.0, **blameless)


def test_a_fork_is_not_what_the_first_page_tells_of(browser_of: BrowserOf) -> None:
    run = many_episodes(20)
    many_episodes(1, options={"fork": {"episode": 1}})
    assert f"Funnel of run {run.pk}<" in browser_of(Role.VIEWER).get(HOME).content.decode()


def steps(page: str) -> list[tuple[str, str]]:
    """(class, name) of the steps."""
    path = page.split('<ol class="day">')[1].split("</ol>", maxsplit=1)[0]
    return [
        (kind, re.sub(r"<[^>]+>", "", name).removeprefix("done: "))
        for kind, name in re.findall(r'<li class="(\w*)">.*?<b>(.*?)</b>', path, re.S)
    ]


def test_steps_are_ticked_by_what_was_done_and_the_next_one_stands_out(people: dict[Role, User], browser_of: BrowserOf) -> None:
    install()
    queued(a_run(1))
    Episode.objects.update(status="judged", finished=timezone.now())
    browser, owner = browser_of(Role.OWNER), people[Role.OWNER]
    assert steps(browser.get(HOME).content.decode())[:2] == [("next", "Watch an episode"), ("", "Try a tool")]
    Trial.objects.create(user=owner, domain="vet_clinic", release="r", seed=1, updated=timezone.now())
    with audit.change(owner, "runs.start", "run", 1):
        pass
    found = {name: kind for kind, name in steps(browser.get(HOME).content.decode())}
    assert (found["Try a tool"], found["Start a run"], found["Edit a domain"]) == ("done", "done", "next")
    author = {name: kind for kind, name in steps(browser_of(Role.AUTHOR).get(HOME).content.decode())}
    assert author["Try a tool"] == "", "what somebody else did is not one's own first day"


def test_everybody_gets_the_steps_that_they_may_take(browser_of: BrowserOf) -> None:
    install()
    queued(a_run(1))
    Episode.objects.update(status="judged", finished=timezone.now())
    names = {role: [name for _kind, name in steps(browser_of(role).get(HOME).content.decode())] for role in Role}
    assert names[Role.VIEWER] == ["Watch an episode"]
    assert "Download a dataset" in names[Role.OPERATOR] and "Edit a domain" not in names[Role.OPERATOR]
    assert "Edit a domain" in names[Role.AUTHOR] and "Download a dataset" not in names[Role.AUTHOR]


def test_what_goes_on_is_told_and_asks_again_while_it_does(browser_of: BrowserOf) -> None:
    install()
    run = a_run(4)
    queued(run)
    Episode.objects.filter(run=run, index=0).update(status="playing")
    Episode.objects.filter(run=run, index=1).update(status="judged", finished=timezone.now())
    browser = browser_of(Role.VIEWER)
    going = browser.get(LIVE, headers={"HX-Request": "true"}).content.decode()
    playing = Episode.objects.get(run=run, index=0)
    assert "every 3s" in going and reverse("runs:episode", args=[playing.pk]) in going and "1 episode in the last minute" in going
    assert "<html" not in going and browser.get(LIVE)["Location"] == HOME
    run.status = "finished"
    run.save()
    assert "every 3s" not in browser.get(LIVE, headers={"HX-Request": "true"}).content.decode()


def test_how_far_judges_can_be_trusted_is_for_those_who_see_judgements(browser_of: BrowserOf) -> None:
    run = many_episodes(50, failing=0.3, troubled=0)
    for episode in Episode.objects.filter(run=run)[:7]:
        EpisodeTruth.objects.create(episode=episode, planned_slip="missing_call", slip={"kind": "missing_call", "note": ""})
    caught = Episode.objects.filter(truth__isnull=False, judgements__passed=False).count()
    assert f"<dd>{caught} / 7</dd>" in browser_of(Role.VIEWER).get(HOME).content.decode()
    assert "made on purpose" not in browser_of(Role.REVIEWER).get(HOME).content.decode()


@pytest.mark.parametrize("runs", ["", "all"])
def test_ten_thousand_episodes_cost_no_more_queries_and_little_time(runs: str, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OWNER)

    def asked() -> tuple[int, float]:
        started = process_time()
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(HOME, {"runs": runs}).status_code == 200
        return len(captured), process_time() - started

    many_episodes(50)
    few, _ = asked()
    many_episodes(10_000)
    queries, seconds = min(asked() for _ in range(3))
    assert queries == few <= 30
    assert seconds < 1.5  # 0.2 or less where we develop; machines that build are slow and shared


def test_a_reviewers_day_begins_with_the_queue(people: dict[Role, User], browser_of: BrowserOf) -> None:
    queue = a_queue(2)
    browser = browser_of(Role.REVIEWER)
    assert steps(browser.get(HOME).content.decode()) == [("next", "Review an episode"), ("", "Watch an episode")]
    sealed(queue, people[Role.REVIEWER])
    assert steps(browser.get(HOME).content.decode())[0] == ("done", "Review an episode")
