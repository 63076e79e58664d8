"""The pages of runs: who sees them, what they say, how many queries they ask."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from judging.models import Judgement
from studio.models import Role
from synthesis.models import Episode, Run
from synthesis.services.runs import run_pause
from tests.builders_runs import a_run, install
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
PAGES = ("runs:index", "runs:new", "runs:run", "runs:panel")
MOVES = ("runs:pause", "runs:resume", "runs:cancel")


@pytest.fixture
def run() -> Run:
    install()
    return a_run(6)


def url_of(name: str, run: Run) -> str:
    return reverse(name, args=[] if name in {"runs:index", "runs:new"} else [run.pk])


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
    assert queries() == few <= 6


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

    assert queries(run) == queries(large) <= 10


def test_cells_page_by_key_and_filter_by_state(browser_of: BrowserOf) -> None:
    install()
    run = a_run(260)
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


def test_the_panel_is_a_fragment_for_htmx_and_the_page_for_others(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    part = browser.get(url_of("runs:panel", run), headers={"HX-Request": "true"}).content.decode()
    assert part.count('hx-trigger="every 2s"') == 1
    assert "<html" not in part
    assert browser.get(url_of("runs:panel", run))["Location"] == url_of("runs:run", run)
    run_pause(run_id=run.pk)
    assert "hx-trigger" not in browser.get(url_of("runs:panel", run), headers={"HX-Request": "true"}).content.decode()


def test_pause_resume_cancel(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.AUTHOR)
    for name, status in (("runs:pause", "paused"), ("runs:resume", "running"), ("runs:cancel", "cancelled")):
        assert browser.post(url_of(name, run))["Location"] == url_of("runs:run", run)
        run.refresh_from_db()
        assert run.status == status
        assert browser.get(url_of(name, run)).status_code == 405
    page = browser.post(url_of("runs:pause", run), follow=True).content.decode()
    assert "cannot be paused" in page


def test_a_run_starts_with_what_the_form_says(run: Run, browser_of: BrowserOf) -> None:
    form = {"domains": ["vet_clinic"], "variations": ["plain", "gradual"], "languages": ["en"]}
    numbers = {"episodes": 9, "seed": 5, "slips": 0.25, "threshold": 4, "pace": 2}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), form | numbers)
    started = Run.objects.latest("pk")
    assert answer["Location"] == url_of("runs:run", started)
    assert (started.episodes, started.seed, started.slip_rate, started.threshold, started.status) == (9, 5, 0.25, 4, "running")
    assert started.options == {"pace": 2}
    assert started.variations == ["plain", "gradual"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("episodes", 0), ("episodes", "many"), ("seed", 2**63), ("slips", 2), ("threshold", 6), ("pace", 21), ("domains", "atlantis")],
)
def test_what_cannot_work_is_said_at_its_field(field: str, value: object, run: Run, browser_of: BrowserOf) -> None:
    good = {"episodes": 9, "seed": 5, "slips": 0, "threshold": 4, "pace": 0}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), good | {field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert Run.objects.count() == 1


def test_what_the_service_refuses_is_said_at_its_field(browser_of: BrowserOf) -> None:
    install("vet_clinic", variations=("plain",))
    good = {"episodes": 9, "seed": 5, "slips": 0, "threshold": 4, "pace": 0}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), good | {"variations": ["gradual"]})
    assert "supports gradual" in str(answer.context["form"].errors["variations"])


def test_reviewers_meet_no_judgement(run: Run, browser_of: BrowserOf) -> None:
    assert browser_of(Role.REVIEWER).get(url_of("runs:run", run)).context["blames"] is None
    assert browser_of(Role.VIEWER).get(url_of("runs:run", run)).context["blames"] == []
    assert not Judgement.objects.exists()
