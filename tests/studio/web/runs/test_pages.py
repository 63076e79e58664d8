"""The pages of runs: who sees them, what they say, how many queries they ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from judging.models import Judgement
from judging.services.review_queues import items_ask
from studio.models import AuditEntry, Role
from synthesis.models import Episode, Run, Scenario, Slice
from synthesis.services.endpoint_checks import default_seat_set
from synthesis.services.runs import run_pause
from tests.builders_endpoints import an_endpoint
from tests.builders_many import many_episodes
from tests.builders_runs import a_run, install
from tests.judging.services.reviewing import a_queue, claimed
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


def test_a_run_starts_with_what_the_form_says(run: Run, browser_of: BrowserOf) -> None:
    form = {"domains": ["vet_clinic"], "variations": ["plain", "gradual"], "languages": ["en"]}
    numbers = {"episodes": 9, "seed": 5, "slips": 0.25, "threshold": 4, "pace": 2, "concurrency": 3}
    form |= {"personas": ["ann"], "agents": ["desk"]}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), form | numbers)
    started = Run.objects.latest("pk")
    assert answer["Location"] == url_of("runs:run", started)
    assert (started.episodes, started.seed, started.slip_rate, started.threshold, started.status) == (9, 5, 0.25, 4, "running")
    assert started.options == {"pace": 2}
    assert started.variations == ["plain", "gradual"]
    assert started.casting == {"languages": ["en"], "personas": ["ann"], "agents": ["desk"]}
    assert (started.concurrency, started.started_by) == (3, "operator")
    entry = AuditEntry.objects.get(action="runs.start")
    assert (entry.actor_name, entry.object_id) == ("operator", str(started.pk))


def test_a_link_fills_the_launcher_in(run: Run, browser_of: BrowserOf) -> None:
    query = {"domains": "vet_clinic,retail_orders", "variations": ["plain", "gradual"], "episodes": "77", "seed": "9", "personas": "ann"}
    form = browser_of(Role.OPERATOR).get(reverse("runs:new"), query).context["form"]
    assert form["domains"].value() == ["vet_clinic", "retail_orders"]
    assert form["variations"].value() == ["plain", "gradual"]
    assert (form["episodes"].value(), form["seed"].value(), form["personas"].value()) == ("77", "9", ["ann"])
    for name in ("episodes", "concurrency", "pace"):
        strange = browser_of(Role.OPERATOR).get(reverse("runs:new"), {name: "1e999"})
        assert strange.status_code == 200 and strange.context["expected"] is None


def test_the_launcher_begins_with_the_default_cast(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert browser.get(reverse("runs:new")).context["form"]["agent_seat"].value() == "scripted"
    an_endpoint("kimi")
    an_endpoint("strict", purposes=["judge", "agent"])
    for role, slug in {"agent": "kimi", "user": "kimi", "judge": "strict"}.items():
        default_seat_set(role=role, slug=slug)
    page = browser.get(reverse("runs:new"), {"episodes": "6"})
    form = page.context["form"]
    assert [form[f"{seat}_seat"].value() for seat in ("agent", "user", "tools")] == ["model:kimi", "model:kimi", "scripted"]
    assert form["judges"].value() == ["strict"] and "default cast" in page.content.decode()
    answer = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    browser.post(reverse("runs:new"), answer)
    started = Run.objects.latest("pk")
    assert started.seats == {"agent": "model:kimi", "user": "model:kimi", "tools": "scripted"}
    assert started.judge["endpoints"] == ["strict"]
    clone = browser.get(f"{reverse('runs:new')}?{browser.get(url_of('runs:run', run)).context['again']}").context["form"]
    assert (clone["agent_seat"].value(), clone["judges"].value()) == ("scripted", None), "a clone has the cast of its run"
    slips = browser.get(reverse("runs:new"), {"slips": "0.2"}).context["form"]
    assert (slips["agent_seat"].value(), slips["user_seat"].value()) == ("scripted", "model:kimi"), "models slip by themselves alone"


def test_a_pilot_tries_the_settings_out_and_the_whole_run_follows(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    asked = {"episodes": 40, "seed": 5, "slips": 0.5, "threshold": 4, "pace": 2, "variations": ["plain"], "pilot": "1"}
    browser.post(reverse("runs:new"), asked)
    pilot = Run.objects.latest("pk")
    assert (pilot.episodes, pilot.options) == (3, {"pace": 2, "pilot_for": 40})
    page = browser.get(url_of("runs:run", pilot))
    assert "40 episodes" in page.content.decode() and page.context["pilot"] is None
    now = timezone.now()
    Episode.objects.filter(run=pilot).update(status="failed", started=now, finished=now + timedelta(seconds=6))
    Episode.objects.filter(run=pilot, index=1).update(finished=now + timedelta(seconds=9))
    Run.objects.filter(pk=pilot.pk).update(status="finished")
    assert browser.get(url_of("runs:run", pilot)).context["pilot"] is None, "nothing was played to its end"
    Scenario.objects.create(
        digest="d", release_id=Episode.objects.filter(run=pilot)[0].release_id, variation="plain", difficulty=1, body={}
    )
    Episode.objects.filter(run=pilot).update(status="judged", scenario_id="d")
    told = browser.get(url_of("runs:run", pilot)).context["pilot"]
    assert told.each == 7
    assert told.expected.least <= 7 < 40 * 7 / 40 * 4 <= told.expected.most
    whole = browser.post(url_of("runs:whole", pilot))
    started = Run.objects.latest("pk")
    assert whole["Location"] == url_of("runs:run", started)
    same = ("seed", "variations", "slip_rate", "threshold", "releases", "concurrency", "casting")
    assert [getattr(started, name) for name in same] == [getattr(pilot, name) for name in same]
    assert (started.episodes, started.options) == (40, {"pace": 2})
    assert browser.post(url_of("runs:whole", started)).status_code == 404, "it tries out nothing"


def test_a_clone_begins_with_the_settings_of_its_run(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    asked = {"episodes": 8, "seed": 5, "slips": 0.5, "threshold": 4, "pace": 2, "concurrency": 2, "variations": ["plain", "gradual"]}
    browser.post(reverse("runs:new"), asked | {"languages": ["en"], "agents": ["desk"]})
    first = Run.objects.latest("pk")
    page = browser.get(url_of("runs:run", first))
    form = browser.get(f"{reverse('runs:new')}?{page.context['again']}").context["form"]
    answer = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    browser.post(reverse("runs:new"), answer)
    second = Run.objects.latest("pk")
    assert second.pk != first.pk
    same = ("episodes", "seed", "variations", "slip_rate", "threshold", "releases", "concurrency", "casting", "options")
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]


def test_how_long_it_may_take_is_told_from_runs_of_late(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert browser.get(reverse("runs:new")).context["expected"] is None
    now = timezone.now()
    for played in (100, 200):
        done = a_run(1)
        Run.objects.filter(pk=done.pk).update(status="finished")
        Slice.objects.create(run=done, status="over", lease_until=now, started=now - timedelta(seconds=100), ended=now, played=played)
    query = {"episodes": "1000", "concurrency": "2", "pace": "0"}
    told = browser.get(reverse("runs:expected"), query, headers={"HX-Request": "true"}).context["expected"]
    assert (told.runs, told.least < 250 < 500 < told.most) == (2, True)
    assert told.words() in browser.get(reverse("runs:new"), query).content.decode()
    assert browser.get(reverse("runs:new"), query | {"pace": "3"}).context["expected"] is None
    assert browser.get(reverse("runs:expected"), query)["Location"].startswith(reverse("runs:new"))


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


def test_error_groups_lead_to_their_episodes(browser_of: BrowserOf) -> None:
    run = many_episodes(300, failing=0.3, troubled=0.1)
    browser = browser_of(Role.VIEWER)
    page = browser.get(url_of("runs:run", run))
    for blame in page.context["blames"]:
        link = f"{url_of('runs:episodes', run)}?blame={blame.party}%3A{blame.tag}"
        assert link in page.content.decode()
        lines = browser.get(link).context["lines"]
        assert len(lines) == blame.episodes and blame.sample in {episode.pk for episode, *_rest in lines}
        assert all(not verdict.passed for *_rest, verdict in lines)
    for trouble in page.context["troubles"]:
        link = f"{url_of('runs:episodes', run)}?status={trouble.status}"
        assert link in page.content.decode()
    strange = browser.get(url_of("runs:episodes", run), {"blame": "<script>", "verdict": "maybe", "after": "x"})
    assert len(strange.context["lines"]) == 100


def test_verdicts_are_hidden_from_reviewers_and_from_whoever_reviews_blind(browser_of: BrowserOf) -> None:
    run = many_episodes(40, failing=0.5, troubled=0)
    url = url_of("runs:episodes", run)
    reviewer = browser_of(Role.REVIEWER).get(url, {"verdict": "failed", "blame": "agent:missing_call"})
    assert len(reviewer.context["lines"]) == 40, "there is no such filter for them"
    assert "did not pass" not in reviewer.content.decode()
    assert {verdict for *_rest, verdict in reviewer.context["lines"]} == {None}
    failed = [episode.pk for episode, *_rest in browser_of(Role.OWNER).get(url, {"verdict": "failed"}).context["lines"]]
    queue, hidden = a_queue(items=0), failed[0]
    items_ask(queue=queue, episode_ids=[hidden], probability=1.0, asked_by="owner", now=timezone.now())
    claimed(queue, User.objects.get(username="owner"))
    rest = browser_of(Role.OWNER).get(url, {"verdict": "failed"}).context["lines"]
    assert [episode.pk for episode, *_rest in rest] == failed[1:]
    verdicts = {episode.pk: verdict for episode, *_rest, verdict in browser_of(Role.OWNER).get(url).context["lines"]}
    assert verdicts[hidden] is None and verdicts[failed[1]] is not None
    cells = {cell.episode.pk: cell for cell in browser_of(Role.OWNER).get(url_of("runs:run", run)).context["cells"]}
    assert (cells[hidden].kind, cells[failed[1]].kind) == ("judged", "not-passed")
    assert {cell.kind for cell in cells.values()} == {"judged", "not-passed", "passed"}
    assert {cell.kind for cell in browser_of(Role.REVIEWER).get(url_of("runs:run", run)).context["cells"]} == {"judged"}
