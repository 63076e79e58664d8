"""Measuring simulators in the browser: the cost before the start, the report, and who may begin."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.access.audit import entries
from studio.models import Role
from synthesis.models import FidelityReport
from tests.builders_fidelity import a_report, an_endpoint
from tests.builders_runs import install
from tests.people import signed_in

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Role], Client]
HOSTILE = "<script>alert(1)</script>\u202e"
PAGE = "/catalogue/domains/vet_clinic/fidelity/"


def test_the_cost_is_shown_before_anything_begins(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.AUTHOR)
    assert "No model may play tools yet" in browser.get(PAGE).content.decode()
    an_endpoint()
    an_endpoint("judge_only", purposes=["judge"])
    page = browser.get(PAGE).content.decode()
    assert "small-1" in page and "judge_only" not in page and "at most about" not in page
    foreseen = browser.get(PAGE, {"endpoint": "m", "calls": "60"}).content.decode()
    assert "60 calls of" in foreseen and "USD" in foreseen and not FidelityReport.objects.exists()
    assert "Ensure this value" in browser.get(PAGE, {"endpoint": "m", "calls": "0"}).content.decode()
    answer = browser.post(f"{PAGE}start/", {"endpoint": "m", "calls": "60"})
    report = FidelityReport.objects.get()
    assert answer.headers["Location"] == reverse("catalogue:fidelity_report", args=["vet_clinic", report.pk])
    assert (report.wanted, report.status, report.endpoint) == (60, "queued", "m")
    assert [entry.action for entry in entries()] == ["catalogue.measure"]
    waiting = browser.get(answer.headers["Location"]).content.decode()
    assert "waiting for a worker" in waiting and "every 2s" in waiting


@pytest.mark.parametrize("data", [{"endpoint": "nobody", "calls": "5"}, {"endpoint": "m", "calls": "999999"}, {}])
def test_what_cannot_be_measured_begins_nothing(data: dict[str, str], browser_of: BrowserOf) -> None:
    install()
    an_endpoint()
    assert browser_of(Role.AUTHOR).post(f"{PAGE}start/", data).headers["Location"] == PAGE
    assert not FidelityReport.objects.exists()


def test_a_viewer_reads_and_begins_nothing_and_a_stranger_sees_nothing(browser_of: BrowserOf, client: Client, stranger: User) -> None:
    install()
    an_endpoint()
    report = reverse("catalogue:fidelity_report", args=["vet_clinic", a_report().pk])
    viewer = browser_of(Role.VIEWER)
    assert "Measure a model" not in viewer.get(PAGE).content.decode()
    assert viewer.post(f"{PAGE}start/", {"endpoint": "m", "calls": "5"}).status_code == 404
    assert viewer.get(report).status_code == 200
    assert {client.get(url).status_code for url in (PAGE, report)} == {302}
    assert {signed_in(stranger).get(url).status_code for url in (PAGE, report)} == {404}


def test_a_report_shows_shares_with_intervals_by_tool_and_what_differs(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.VIEWER)
    page = browser.get(reverse("catalogue:fidelity_report", args=["vet_clinic", a_report().pk])).content.decode()
    assert "95 %" in page and "83 % to 99 %" in page, "38 of 40 results"
    assert "75 %" in page and "53 % to 89 %" in page, "15 of 20 states: reads count for nothing"
    assert "entries missing" in page and "result has 1 instead of 2 entries" in page
    assert "every 2s" not in page
    fragment = browser.get(reverse("catalogue:fidelity_report", args=["vet_clinic", 1]), headers={"HX-Request": "true"})
    assert fragment.status_code in {200, 404} and "<html" not in fragment.content.decode()


def test_a_report_of_another_domain_is_found_where_it_belongs(browser_of: BrowserOf) -> None:
    install("vet_clinic", "hotel_desk")
    report = a_report()
    other = "vet_clinic" if report.release.domain.slug == "hotel_desk" else "hotel_desk"
    answer = browser_of(Role.VIEWER).get(reverse("catalogue:fidelity_report", args=[other, report.pk]))
    assert answer.headers["Location"] == reverse("catalogue:fidelity_report", args=[report.release.domain.slug, report.pk])


def test_hostile_text_is_escaped(browser_of: BrowserOf) -> None:
    install()
    report = a_report(HOSTILE, error=HOSTILE, status="failed", asked_by=HOSTILE, model=HOSTILE)
    for url in (PAGE, reverse("catalogue:fidelity_report", args=["vet_clinic", report.pk])):
        page = browser_of(Role.VIEWER).get(url).content.decode()
        assert "<script>alert" not in page and "\u202e" not in page


def test_many_reports_take_as_many_queries_as_one(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.VIEWER)
    a_report()
    browser.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(PAGE)
    for _ in range(8):
        a_report()
    with CaptureQueriesContext(connection) as many:
        browser.get(PAGE)
    assert len(many) == len(few)
