"""The monitor: figures, charts that lead somewhere, suggestions with numbers behind them."""

import re
from collections.abc import Callable
from datetime import timedelta
from time import process_time

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from judging.models import Judgement
from studio.models import AuditEntry, Role
from synthesis.models import Episode, ModelUsage, Run, Slice, Tool
from tests.builders_endpoints import an_endpoint
from tests.builders_many import many_episodes
from tests.builders_runs import a_run, a_slice, install, queued
from tests.judging.services.reviewing import a_queue
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
MONITOR = reverse("monitor:index")


def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    for url in (MONITOR, reverse("monitor:episodes")):
        assert client.get(url).status_code == 302
        assert signed_in(stranger).get(url).status_code == 404


def test_an_empty_studio_has_a_monitor(browser_of: BrowserOf) -> None:
    page = browser_of(Role.VIEWER).get(MONITOR).content.decode()
    assert "No slice was ever taken" in page and "What the data suggests" not in page


@pytest.mark.parametrize("window", ["hour", "day", "week", "month", "nonsense"])
def test_every_mark_leads_to_the_episodes_behind_it(window: str, browser_of: BrowserOf) -> None:
    seconds = {"hour": 3600, "week": 7 * 86_400, "month": 30 * 86_400}.get(window, 86_400)
    run = many_episodes(120, days=1)
    # The builder spreads over days; here all of it lies within the window.
    now = timezone.now()
    for episode in Episode.objects.filter(run=run):
        Episode.objects.filter(pk=episode.pk).update(finished=now - timedelta(seconds=seconds * 0.9 * episode.index / 120))
    browser = browser_of(Role.OWNER)
    page = browser.get(MONITOR, {"window": window}).content.decode()
    marks = re.findall(r'<a href="([^"]+)" tabindex="-1"><rect[^>]*><title>[^<]*: (\d+) episodes ended', page)
    assert sum(int(number) for _url, number in marks) == 120
    url, number = max(marks, key=lambda mark: int(mark[1]))
    assert browser.get(url.replace("&amp;", "&")).content.decode().count('scope="row"') == min(50, int(number))


def test_ten_thousand_episodes_cost_no_more_queries_and_little_time(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OWNER)

    def asked() -> tuple[int, float]:
        started = process_time()
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(MONITOR, {"window": "month"}).status_code == 200
        # The time of this process alone: others share the machine.
        return len(captured), process_time() - started

    many_episodes(50)
    Episode.objects.update(tokens=900, cost=1200)
    few, _ = asked()
    many_episodes(10_000)
    Episode.objects.update(tokens=900, cost=1200)
    queries, seconds = min(asked() for _ in range(3))
    assert queries == few <= 32
    assert seconds < 1.5  # 0.2 or less where we develop; machines that build are slow and shared


def model_plays(count: int, slug: str, currency: str, cost: int) -> Run:
    """Episodes that ended a moment ago, each of which cost its agent's model so much."""
    row = an_endpoint(slug, currency=currency)
    run = many_episodes(count, days=0, failing=0, troubled=0)
    cast = Episode.objects.filter(run=run)[0].cast
    seats = {**cast["seats"], "agent": f"model:{slug}"}
    now = timezone.now() - timedelta(minutes=2)
    Episode.objects.filter(run=run).update(tokens=50, cost=cost, cast={**cast, "seats": seats}, finished=now)
    ModelUsage.objects.create(endpoint=row, run=run, role="agent", day=now.date(), calls=count, cost=count * cost)
    Judgement.objects.filter(episode__run=run).update(overall=5.0, created=now)
    return run


def test_a_kept_episode_costs_what_those_beside_it_cost_too(browser_of: BrowserOf) -> None:
    run = model_plays(10, "kimi", "USD", 30_000)
    model_plays(4, "local", "EUR", 1_000_000)
    many_episodes(20, days=0)
    bad = Judgement.objects.filter(episode__run=run).order_by("pk").values_list("pk", flat=True)
    Judgement.objects.filter(pk__in=bad[:4]).update(overall=4.0, cost=45_000, tokens=9)
    answer = browser_of(Role.OPERATOR).get(MONITOR, {"window": "hour"})
    page = answer.content.decode()
    taken = {unit.currency: unit.taken for unit in answer.context["costs"]}
    assert taken == {"EUR": (4, 4, 4_000_000), "USD": (10, 6, 300_000 + 4 * 45_000)}, "currencies are not added, the dearest comes first"
    assert taken["USD"].each == 80_000 and "0.0800 USD" in page and "1.00 EUR" in page
    assert [(player.endpoint, player.taken.each) for player in answer.context["players"]] == [("local", 1_000_000), ("kimi", 80_000)]
    marks = re.findall(r"<title>[^<]*: ([\d.]+) cost of a kept episode, USD", page)
    assert marks == ["0.0800"], "one minute has any"
    viewer = browser_of(Role.VIEWER).get(MONITOR, {"window": "hour"}).content.decode()
    assert "0.0800 USD" in viewer and "kimi" not in viewer, "which models there are is not for everybody"


def test_scripted_episodes_cost_nothing(browser_of: BrowserOf) -> None:
    many_episodes(20, days=0)
    page = browser_of(Role.OPERATOR).get(MONITOR, {"window": "hour"}).content.decode()
    assert "No episode asked a model in this window" in page


def test_scores_of_one_domain(browser_of: BrowserOf) -> None:
    many_episodes(200, days=1)
    page = browser_of(Role.VIEWER).get(MONITOR, {"domain": "clinic"}).content.decode()
    assert "Scores in clinic" in page and "domain=clinic&amp;from=" in page


def test_workers_and_their_losses(browser_of: BrowserOf) -> None:
    install()
    run = a_run(2)
    a_slice(run, "worker <1>")
    lost = a_slice(run, "gone")
    ended = timezone.now()
    Slice.objects.filter(pk=lost).update(status="over", ended=ended, lease_until=ended - timedelta(seconds=9))
    page = browser_of(Role.OWNER).get(MONITOR).content.decode()
    assert "worker &lt;1&gt;" in page and "gone" not in page.split("Workers</h2>")[1].split("<tbody>")[1].split("</tbody>")[0]
    assert "1 slices lost their worker" in page
    assert "2 episodes of 1 run wait" in page


def test_tools_with_many_errors_come_first(browser_of: BrowserOf) -> None:
    install()
    good, bad, idle = Tool.objects.order_by("name")[:3]
    for tool, calls, failures in ((good, 90, 1), (bad, 10, 6)):
        Tool.objects.filter(pk=tool.pk).update(calls=calls, failures=failures)
    page = browser_of(Role.OWNER).get(MONITOR).content.decode()
    table = page.split('id="tools-title"')[1].split("</table>")[0]
    assert table.index(f">{bad.name}<") < table.index(f">{good.name}<") and "60.0 %" in table and f">{idle.name}<" not in table


def test_thin_cells_are_offered_with_a_filled_in_launcher(browser_of: BrowserOf) -> None:
    many_episodes(1300)
    Episode.objects.filter(domain="clinic", variation="forbidden").update(domain="harbour")
    page = browser_of(Role.OPERATOR).get(MONITOR).content.decode()
    assert "clinic is thin in 1 variation: 0 episodes" in page
    url = re.findall(r'href="([^"]*domains=clinic[^"]*)"', page)[0].replace("&amp;", "&")
    launcher = browser_of(Role.OPERATOR).get(url).content.decode()
    chosen = re.findall(r'value="(\w+)"[^>]*checked', launcher)
    assert "clinic" in chosen and "forbidden" in chosen and "plain" not in chosen
    assert reverse("runs:new") not in browser_of(Role.VIEWER).get(MONITOR).content.decode()


def failing_run() -> Run:
    """A run under way, most of whose episodes fail."""
    install()
    run = a_run(40)
    queued(run)
    Episode.objects.filter(run=run, index__lt=20).update(status="failed", failure={"kind": "error", "detail": "x", "reasons": {}})
    Episode.objects.filter(run=run, index__gte=20, index__lt=25).update(status="judged")
    return run


def test_a_run_that_fails_often_is_paused_on_one_click_and_noted(browser_of: BrowserOf) -> None:
    run, browser = failing_run(), browser_of(Role.OPERATOR)
    page = browser.get(MONITOR).content.decode()
    assert f"Run {run.pk} fails often: 20 of 25" in page
    url = reverse("monitor:pause", args=[run.pk])
    assert url in page and url not in browser_of(Role.VIEWER).get(MONITOR).content.decode()
    assert f"Run {run.pk} is paused" in browser.post(url, follow=True).content.decode()
    run.refresh_from_db()
    assert run.status == "paused"
    assert AuditEntry.objects.get(action="runs.pause").object_id == str(run.pk)


def test_a_run_that_does_well_is_left_alone(browser_of: BrowserOf) -> None:
    install()
    run = a_run(2)
    browser = browser_of(Role.OWNER)
    assert "left alone" in browser.post(reverse("monitor:pause", args=[run.pk]), follow=True).content.decode()
    run.refresh_from_db()
    assert run.status == "running" and not AuditEntry.objects.filter(action="runs.pause").exists()
    assert browser.post(reverse("monitor:pause", args=[999])).status_code == 404


def test_reviews_that_are_wanted(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OWNER)
    assert "No review is wanted" in browser.get(MONITOR).content.decode()
    queue = a_queue(3)
    page = browser.get(MONITOR).content.decode()
    wanted = 3 * queue.overlap
    assert f"{wanted} reviews are wanted, of 3 episodes" in page and reverse("review:index") in page
