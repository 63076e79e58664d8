"""The pages of runs: who sees them, what they say, how many queries they ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import AuditEntry, Role
from synthesis.models import Episode, Run
from synthesis.services.runs import run_pause
from tests.builders_runs import a_run, install
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
WITHOUT = ("runs:index", "runs:new", "runs:expected")
PAGES = (*WITHOUT, "runs:run", "runs:panel", "runs:grid", "runs:episodes")
MOVES = ("runs:pause", "runs:resume", "runs:cancel", "runs:requeue", "runs:whole")


@pytest.fixture
def run() -> Run:
    install()
    return a_run(6)


def url_of(name: str, run: Run) -> str:
    return reverse(name, args=[] if name in WITHOUT else [run.pk])


@pytest.mark.parametrize("name", PAGES + MOVES)
def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(name: str, run: Run, client: Client, stranger: User) -> None:
    ask = "post" if name in MOVES else "get"
    answer = getattr(client, ask)(url_of(name, run))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("access:sign_in"))
    assert getattr(signed_in(stranger), ask)(url_of(name, run)).status_code == 404
    run.refresh_from_db()
    assert run.status == "running"


@pytest.mark.parametrize("name", ["runs:new", *MOVES])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_those_who_only_look_cannot_start_or_steer(name: str, role: Role, run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(role)
    assert browser.post(url_of(name, run)).status_code == 404
    assert reverse("runs:pause", args=[run.pk]) not in browser.get(url_of("runs:run", run)).content.decode()


def test_the_list_asks_the_same_few_queries_however_long(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(reverse("runs:index")).status_code == 200
        return len(asked)

    few = queries()
    for _ in range(40):
        a_run(1)
    assert queries() == few <= 8


def test_the_list_pages_by_key(run: Run, browser_of: BrowserOf) -> None:
    for _ in range(34):
        a_run(1)
    browser = browser_of(Role.VIEWER)
    first = browser.get(reverse("runs:index"))
    second = browser.get(reverse("runs:index"), {"after": first.context["page"].next})
    ids = [line[0].pk for page in (first, second) for line in page.context["lines"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second.context["page"].next) == (35, "")
    assert browser.get(reverse("runs:index"), {"after": "bm9uc2Vuc2U"}).context["page"].first


def test_a_runs_page_asks_the_same_few_queries_however_many_episodes(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OWNER)
    large = a_run(300)

    def queries(run: Run) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url_of("runs:run", run)).status_code == 200
        return len(asked)

    assert queries(run) == queries(large) <= 14


def test_cells_page_by_key_and_filter_by_state(browser_of: BrowserOf) -> None:
    install()
    run = a_run(260)
    run_pause(run_id=run.pk)
    Episode.objects.filter(run=run, index__in=[3, 250]).update(status="failed", failure={"kind": "poison", "detail": "d"})
    browser = browser_of(Role.VIEWER)
    first = browser.get(url_of("runs:run", run))
    rest = browser.get(url_of("runs:run", run), {"after": first.context["page"].next})
    assert [e.index for page in (first, rest) for e in page.context["page"].items] == list(range(260))
    failed = browser.get(url_of("runs:run", run), {"status": "failed"})
    assert [e.index for e in failed.context["page"].items] == [3, 250]
    [trouble] = failed.context["troubles"]
    assert (trouble.kind, trouble.episodes) == ("poison", 2)
    assert reverse("runs:episode", args=[trouble.sample]) in failed.content.decode()


def test_a_running_run_shows_where_the_work_goes_on(browser_of: BrowserOf) -> None:
    install()
    run = a_run(300)
    Episode.objects.filter(run=run, index__lt=250).update(status="unfilled")
    browser = browser_of(Role.VIEWER)
    page = browser.get(url_of("runs:run", run)).context["page"]
    assert [episode.index for episode in page.items] == list(range(240, 300))
    assert browser.get(url_of("runs:run", run), {"start": "1"}).context["page"].items[0].index == 0
    assert len(browser.get(url_of("runs:run", run), {"status": "unfilled"}).context["page"].items) == 240


def part(browser: Client, name: str, run: Run, **query: str) -> Any:
    return browser.get(url_of(name, run), query, headers={"HX-Request": "true"})


@pytest.mark.parametrize("name", ["runs:panel", "runs:grid"])
def test_a_part_is_a_fragment_for_htmx_and_the_page_for_others(name: str, run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    text = part(browser, name, run).content.decode()
    assert text.count('hx-trigger="every 2s"') == 1
    assert "<html" not in text
    assert browser.get(url_of(name, run))["Location"].startswith(url_of("runs:run", run))
    run_pause(run_id=run.pk)
    assert "hx-trigger" not in part(browser, name, run).content.decode()


@pytest.mark.parametrize(("name", "mark"), [("runs:panel", "panel_mark"), ("runs:grid", "grid_mark")])
def test_a_part_is_sent_only_when_it_has_changed(name: str, mark: str, run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    seen = part(browser, name, run).context[mark]
    assert f"seen={seen}" in part(browser, name, run).content.decode()
    assert part(browser, name, run, seen=seen).status_code == 204
    Episode.objects.filter(run=run, index=0).update(status="unfilled")
    assert part(browser, name, run, seen=seen).status_code == 200


def test_a_grid_in_which_nothing_can_change_asks_no_more(run: Run, browser_of: BrowserOf) -> None:
    Episode.objects.filter(run=run, index__lt=3).update(status="unfilled")
    text = part(browser_of(Role.VIEWER), "runs:grid", run, status="unfilled").content.decode()
    assert "hx-trigger" not in text and text.count('class="cell unfilled"') == 3


def test_pause_resume_cancel_and_who_did_it(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    for name, status in (("runs:pause", "paused"), ("runs:resume", "running"), ("runs:cancel", "cancelled")):
        assert browser.post(url_of(name, run))["Location"] == url_of("runs:run", run)
        run.refresh_from_db()
        assert run.status == status
        assert browser.get(url_of(name, run)).status_code == 405
    page = browser.post(url_of("runs:pause", run), follow=True).content.decode()
    assert "cannot be paused" in page
    trail = AuditEntry.objects.filter(kind="run").order_by("pk").values_list("action", "actor_name", "object_id")
    assert list(trail) == [(f"runs.{move}", "author", str(run.pk)) for move in ("pause", "resume", "cancel")]


def test_what_failed_is_tried_again(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert "nothing in run" in browser.post(url_of("runs:requeue", run), follow=True).content.decode().lower()
    Episode.objects.filter(run=run).update(status="failed", failure={"kind": "poison", "detail": "d"})
    Run.objects.filter(pk=run.pk).update(status="finished")
    assert url_of("runs:requeue", run) in browser.get(url_of("runs:run", run)).content.decode()
    browser.post(url_of("runs:requeue", run))
    run.refresh_from_db()
    assert run.status == "running"
    assert set(Episode.objects.filter(run=run).values_list("status", flat=True)) == {"planned"}
    assert AuditEntry.objects.filter(action="runs.requeue", object_id=str(run.pk)).count() == 1


def test_the_list_of_runs_is_narrowed(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    browser.post(reverse("runs:new"), {"episodes": 1, "seed": 5, "slips": 0, "threshold": 4, "pace": 0})
    mine = Run.objects.latest("pk")
    Run.objects.filter(pk=run.pk).update(status="finished")

    def shown(**query: str) -> list[int]:
        return [line[0].pk for line in browser.get(reverse("runs:index"), query).context["lines"]]

    assert shown() == shown(domain="vet_clinic") == [mine.pk, run.pk]
    assert shown(by="operator") == shown(status="running") == [mine.pk]
    assert shown(by="-") == shown(status="finished") == [run.pk]
    assert shown(domain="atlantis") == shown(by="nobody") == []
    assert "No run fits" in browser.get(reverse("runs:index"), {"by": "nobody"}).content.decode()
