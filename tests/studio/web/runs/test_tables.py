"""Whole tables of an episode's world at a step."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.models import Role
from studio.pipelines import world_tables
from synthesis.models import Episode
from synthesis.selectors import catalog
from synthesis.services.desk import DeskBusy, desk
from tests.builders_logs import an_episode, append, call, result, says, start
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


@pytest.fixture
def episode() -> Episode:
    """An episode in which one row was changed at event 2, one deleted and one inserted at event 4."""
    made = an_episode()
    first, second = (row.cells[0] for row in table(made, 0).rows[:2])
    name = {"table": "owners", "key": first, "before": {"name": "x"}, "after": {"name": "Renamed"}}
    gone = {"table": "owners", "key": second, "before": {"owner_id": second}, "after": None}
    new = {"table": "owners", "key": "ZZ-1", "before": None, "after": {"owner_id": "ZZ-1", "name": "Newcomer"}}
    append(
        made,
        start(),
        says("agent", "", call("x", "c1"), call("x", "c2")),
        result("c1", {}, delta=[name]),
        says("agent", ""),
        result("c2", {}, delta=[gone, new]),
    )
    return made


def table(episode: Episode, seq: int, after: str = "") -> world_tables.TableAt:
    found = world_tables.table_at(episode, seq, "owners", after)
    assert found is not None
    return found


def url_of(episode: Episode, seq: int = 4, name: str = "owners") -> str:
    return f"{reverse('runs:tables', args=[episode.pk, seq])}?{urlencode({'table': name})}"


def kinds(at: world_tables.TableAt) -> dict[str, str]:
    return {row.kind: row.key for row in at.rows if row.kind}


def test_rows_are_as_the_calls_until_then_left_them(episode: Episode) -> None:
    before, middle, after = (table(episode, seq) for seq in (1, 2, 4))
    assert kinds(before) == {}
    assert kinds(middle) == {"updated": before.rows[0].key}
    assert middle.rows[0].cells[before.columns.index("name")] == "Renamed"
    assert middle.rows[0].cells[0] == before.rows[0].cells[0], "what the call did not change stays"
    pages = [after]
    while pages[-1].following:
        pages.append(table(episode, 4, pages[-1].following))
    everything = [row for page in pages for row in page.rows]
    assert {row.kind for row in everything} == {"", "updated", "deleted", "inserted"}
    assert [row.key for row in everything] == sorted({row.key for row in everything})
    assert everything[-1].key == "ZZ-1"


def test_the_page_shows_every_table_and_marks_what_changed(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)
    text = unescape(browser.get(url_of(episode)).content.decode())
    assert "Renamed" in text
    assert 'class="touched deleted"' in text
    [pack] = catalog.packs([episode.release.digest]).values()
    assert all(f'href="?table={name}"' in text for name in pack.tables)
    first = browser.get(reverse("runs:tables", args=[episode.pk, 4])).content.decode()
    assert re.search(rf'aria-current="page">{next(iter(pack.tables))}<', first)
    step = browser.get(reverse("runs:step", args=[episode.pk, 4])).content.decode()
    assert url_of(episode) in step


@pytest.mark.parametrize(("seq", "name"), [(4, "atlantis"), (4, "a/b?<c>"), (99, "owners")])
def test_what_is_not_there_is_not_found(seq: int, name: str, episode: Episode, browser_of: BrowserOf) -> None:
    assert browser_of(Role.VIEWER).get(url_of(episode, seq, name)).status_code == 404


def test_a_busy_sandbox_is_said(episode: Episode, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise DeskBusy("busy")

    monkeypatch.setattr(desk(), "ask", busy)
    answer = browser_of(Role.VIEWER).get(url_of(episode))
    assert (answer.status_code, "Try again in a moment" in answer.content.decode()) == (200, True)


def test_nobody_signs_in_and_a_stranger_sees_nothing(episode: Episode, client: Client, stranger: User) -> None:
    url = url_of(episode)
    assert client.get(url)["Location"].startswith(reverse("access:sign_in"))
    assert signed_in(stranger).get(url).status_code == 404
