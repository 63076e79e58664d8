"""The first page: figures, the newest run's funnel and coverage, what to do next."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from synthesis.models import Episode
from tests.builders_runs import a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
HOME = "/"


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
    assert ">4</td>" in row and row.count("missing") == 12


def test_it_asks_few_queries(browser_of: BrowserOf) -> None:
    install()
    queued(a_run(6))
    browser = browser_of(Role.OWNER)
    with CaptureQueriesContext(connection) as asked:
        browser.get(HOME)
    assert len(asked) <= 20
