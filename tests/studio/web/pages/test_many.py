"""Every page with ten thousand episodes: as many queries as with a hundred, and quick."""

from collections.abc import Mapping
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Episode, Run, Scenario, Slice
from tests.builders_many import many_episodes
from tests.every_page import Opened, every_page
from tests.people import signed_in

FEW, MANY = 100, 10_000
SECONDS = 1.5
"""What no page may take of a processor, the database within (on SQLite it works in this process). On the machines we develop on every page
takes less than 0.3; what is asserted is what only a mistake exceeds, for machines that build are slow and shared.
"""
DOMAINS = ("harbour", "orchard", "mill")
"""None that another builder makes too."""
GROWING: Mapping[str, int] = {}
"""Queries that a page may ask more with many episodes than with few, by URL name, where there is a reason."""


def arguments(run: Run) -> dict[str, Mapping[str, Any]]:
    """What pages name that show a run of many episodes."""
    episode = Episode.objects.filter(run=run, status="judged").order_by("index")[0].pk
    return {
        "runs:run": {"run_id": run.pk},
        "runs:panel": {"run_id": run.pk},
        "runs:episode": {"episode_id": episode},
    }


def asked(client: Client, page: Opened) -> tuple[int, float]:
    """How many queries a page asks and what it takes: the fewest and the least of three, for once a while a visit notes something."""
    client.get(page.path)
    found = []
    for _ in range(3):
        began = process_time()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(page.path)
        found.append((len(queries), process_time() - began))
        assert answer.status_code < 400, page
    return min(asked for asked, _ in found), min(seconds for _, seconds in found)


@pytest.mark.slow
@pytest.mark.django_db
def test_every_page_asks_as_much_of_many_as_of_few(owner: User, record_property: Any) -> None:
    client = signed_in(owner)
    pages = every_page()
    # Of everything some, and all of it on the day that the monitor shows, so that no part of a page is left out for want of a row.
    few = measured(client, pages, many_episodes(FEW, domains=DOMAINS, days=1, troubled=0.3, failing=0.4, scores=True, events=2))
    many = measured(client, pages, many_episodes(MANY, domains=DOMAINS))
    record_property("seconds", {name: round(seconds, 3) for name, (_, seconds) in many.items()})
    more = {
        name: f"{few[name][0]} queries, then {queries}"
        for name, (queries, _) in many.items()
        if queries > few[name][0] + GROWING.get(name, 0)
    }
    slow = {name: f"{seconds:.2f} s" for name, (_, seconds) in many.items() if seconds > SECONDS}
    assert (more, slow) == ({}, {})


def measured(client: Client, pages: list[Opened], run: Run) -> dict[str, tuple[int, float]]:
    """Queries and seconds of every page, of those that show a run with this one."""
    # The hand-made packs word no intents, and the page of a persona lets it speak in the first plain scenario there is.
    Scenario.objects.filter(variation="plain").exclude(release__domain__slug="vet_clinic").update(variation="gradual")
    # Measuring takes longer than a lease: a slice that lapsed on the way would be asked about more.
    Slice.objects.filter(status="at_work").update(lease_until=timezone.now() + timedelta(hours=1))
    own = arguments(run)
    return {
        page.name: asked(client, Opened(page.name, reverse(page.name, kwargs=dict(own[page.name]))) if page.name in own else page)
        for page in pages
    }
