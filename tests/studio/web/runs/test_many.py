"""Pages of runs, personas and agents with ten thousand judged episodes behind them: how many queries they ask, how long they take."""

from collections.abc import Callable
from time import process_time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from synthesis.models import Episode, Run
from tests.builders_many import MANY, many_episodes
from tests.builders_runs import install

pytestmark = pytest.mark.django_db
SECONDS = 1.5
TRIES = 3
"""The best of so many counts, in seconds of this process: the clock on the wall would measure what else the machine is doing. Every page
takes less than 0.3 on the machines we develop on; asserted is what only a mistake exceeds.
"""


def asked(browser: Client, url: str, headers: dict[str, str]) -> tuple[int, float]:
    """Queries and the least seconds of a page."""
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url, headers=headers).status_code == 200
    number = len(queries)
    times = []
    for _ in range(TRIES):
        start = process_time()
        browser.get(url, headers=headers)
        times.append(process_time() - start)
    return number, min(times)


def test_every_list_is_quick_and_asks_as_many_queries_as_with_few(browser_of: Callable[[Role], Client]) -> None:
    install()
    browser = browser_of(Role.OWNER)
    measured = {}
    for count in (60, MANY):
        run = many_episodes(count, failing=0.1, troubled=0.05)
        Episode.objects.filter(run=run).update(persona="ann", agent="desk")
        Run.objects.filter(pk=run.pk).update(status="running")
        page, part = reverse("runs:run", args=[run.pk]), {"HX-Request": "true"}
        episodes = reverse("runs:episodes", args=[run.pk])
        measured[count] = {
            place: asked(browser, url, headers)
            for place, url, headers in (
                ("list of runs", reverse("runs:index"), {}),
                ("run", page, {}),
                ("run, filtered", f"{page}?status=judged&domain=harbour&variation=plain", {}),
                ("run, by verdict", f"{page}?verdict=failed", {}),
                ("panel", f"{page}panel/", part),
                ("grid", f"{page}grid/?start=1", part),
                ("episodes", episodes, {}),
                ("episodes, by verdict", f"{episodes}?verdict=failed", {}),
                ("episodes, filtered", f"{episodes}?domain=harbour&variation=plain&status=judged", {}),
                ("launcher", reverse("runs:new"), {}),
                ("personas", reverse("cast:personas"), {}),
                ("persona", reverse("cast:persona", args=["ann"]), {}),
                ("agents", reverse("cast:agents"), {}),
                ("agent", reverse("cast:agent", args=["desk"]), {}),
            )
        }
    few, many = measured[60], measured[MANY]
    assert {place: queries for place, (queries, _) in many.items()} == {place: queries for place, (queries, _) in few.items()}
    assert max(queries for queries, _ in many.values()) <= 20
    assert {place: round(seconds, 3) for place, (_, seconds) in many.items() if seconds > SECONDS} == {}
