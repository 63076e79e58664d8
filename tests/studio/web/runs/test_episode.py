"""The episode viewer's pages: pairing, sizes, windows, the world at a step, search, who sees what."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from studio.web.runs.keys import KEYS
from synthesis.models import Episode
from tests.builders_logs import an_episode, append, call, close, end, result, says, start
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
CHANGE = {"table": "pets", "key": "P-1", "before": {"id": "P-1", "name": "Rex"}, "after": {"id": "P-1", "name": "Max"}}


@pytest.fixture
def episode() -> Episode:
    made = an_episode()
    append(
        made,
        start(),
        says("user", "hello"),
        says("agent", "let me look", call("find_pet", "c1", id="P-1"), call("fly_away", "c2")),
        result("c2", error={"code": "unknown_tool", "message": "there is no such tool"}),
        result("c1", {"id": "P-1", "name": "Rex"}, delta=[CHANGE], fault={"kind": "late", "took_place": True}),
        says("agent", "done"),
        end(),
    )
    close(made)
    return made


def page(browser: Client, episode: Episode, **query: str | int) -> str:
    answer = browser.get(reverse("runs:episode", args=[episode.pk]), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("name", ["runs:episode", "runs:step", "runs:raw"])
def test_nobody_is_sent_to_sign_in_and_a_stranger_sees_nothing(name: str, episode: Episode, client: Client, stranger: User) -> None:
    url = reverse(name, args=[episode.pk] if name == "runs:episode" else [episode.pk, 2])
    assert client.get(url)["Location"].startswith(reverse("access:sign_in"))
    assert signed_in(stranger).get(url).status_code == 404


@pytest.mark.parametrize("url", ["episodes/999999/", "episodes/{}/steps/99/", "episodes/{}/steps/99999999999999999999/raw/"])
def test_what_is_not_there_is_not_found(url: str, episode: Episode, browser_of: BrowserOf) -> None:
    assert browser_of(Role.VIEWER).get(reverse("runs:index") + url.format(episode.pk)).status_code == 404


def test_results_land_in_their_calls_whatever_the_order(episode: Episode, browser_of: BrowserOf) -> None:
    text = page(browser_of(Role.VIEWER), episode)
    assert len(re.findall(r'<li class="entry', text)) == 5
    for ident, said in (("c1", "Rex"), ("c2", "there is no such tool")):
        card = text.split(f'data-call="{ident}"')[1].split("</section>")[0]
        assert f'data-result="{ident}"' in card
        assert said in card
    assert "let me look" in text
    assert text.count("unknown tool<") == 1
    assert "injected fault: late" in text
    assert "<del>Rex</del>" in text


def test_a_call_without_result_waits_for_it(browser_of: BrowserOf) -> None:
    made = an_episode()
    append(made, start(), says("agent", "", call("find_pet", "c1")))
    text = page(browser_of(Role.VIEWER), made)
    assert "waiting for the result" in text
    assert f'data-socket="/live/episodes/{made.pk}/"' in text
    assert 'data-after="1"' in text


def test_an_episode_that_is_over_needs_no_socket(episode: Episode, browser_of: BrowserOf) -> None:
    assert "data-socket" not in page(browser_of(Role.VIEWER), episode)


def test_an_episode_without_events_says_so(browser_of: BrowserOf) -> None:
    assert "Nothing has happened yet" in page(browser_of(Role.VIEWER), an_episode(status="queued"))


def test_large_bodies_are_folded_and_larger_ones_are_files(browser_of: BrowserOf) -> None:
    made = an_episode()
    append(made, start(), says("user", "a" * 4_000), says("user", "b" * 4_001), says("user", "c" * 5_000_000))
    text = page(browser_of(Role.VIEWER), made)
    assert 'class="fold"' not in text.split("a" * 4_000)[0].rsplit("<article", 1)[1]
    assert 'class="fold"' in text.split("b" * 4_001)[0].rsplit("<article", 1)[1]
    assert "c" * 200 not in text
    assert len(text) < 100_000
    file = browser_of(Role.VIEWER).get(reverse("runs:raw", args=[made.pk, 3]))
    assert "c" * 5_000_000 in file.content.decode()
    assert file["Content-Disposition"].startswith("attachment")


def test_the_last_500_are_shown_and_earlier_ones_are_a_link_away(browser_of: BrowserOf) -> None:
    made = an_episode()
    append(made, start(), *[says("user", f"line {n};") for n in range(1, 1200)])
    browser = browser_of(Role.VIEWER)
    seen: list[int] = []
    url = reverse("runs:episode", args=[made.pk])
    while url:
        text = browser.get(url).content.decode()
        seen[:0] = [int(seq) for seq in re.findall(r'data-seq="(\d+)"', text)]
        link = re.search(r'id="earlier" href="(\?before=\d+)"', text)
        url = reverse("runs:episode", args=[made.pk]) + link[1] if link else ""
    assert seen == list(range(1200))


def test_the_page_asks_the_same_few_queries_however_long_the_log(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(browser, episode)
        return len(asked)

    few = queries()
    append(episode, *[says("user", "x")] * 700)
    assert queries() == few <= 8


def test_the_world_at_a_step_is_what_the_deltas_made_of_it(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)

    def step(seq: int) -> str:
        return browser.get(reverse("runs:step", args=[episode.pk, seq]), headers={"HX-Request": "true"}).content.decode()

    assert "Nothing differs" in step(3)
    assert 'class="fresh"' in step(4)
    assert "<ins>Max</ins>" in step(5)
    assert 'class="fresh"' not in step(5)
    assert "<html" not in step(4)
    assert "<html" in browser.get(reverse("runs:step", args=[episode.pk, 4])).content.decode()


def test_reviewers_see_no_scores(episode: Episode, browser_of: BrowserOf) -> None:
    url = reverse("runs:step", args=[episode.pk, 4])
    assert "Scores" in browser_of(Role.VIEWER).get(url).content.decode()
    assert "Scores" not in browser_of(Role.REVIEWER).get(url).content.decode()


def test_find_goes_from_place_to_place(browser_of: BrowserOf) -> None:
    made = an_episode()
    append(made, start(), *[says("user", "needle" if n in {10, 700, 1100} else "hay") for n in range(1, 1200)])
    browser = browser_of(Role.VIEWER)
    text = page(browser, made, find="NEEDLE", hit=2)
    assert "2 of 3" in text
    assert 'data-seq="700"' in text
    assert "hit=1#e10" in text
    assert "hit=3#e1100" in text
    assert "nothing found" in page(browser, made, find="pin")
    assert "3 of 3" in page(browser, made, find="needle", hit="99")


def test_hostile_text_stays_text(browser_of: BrowserOf) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=y>\u202e\x1b[31m"
    made = an_episode()
    delta = [{"table": hostile, "key": hostile, "before": None, "after": {hostile: hostile}}]
    append(
        made,
        start(),
        says("user", hostile),
        says("agent", hostile, {"id": hostile, "name": hostile, "arguments": {hostile: [hostile]}}),
        result(hostile, {hostile: hostile}, delta=delta, fault={"kind": hostile}),
        {"kind": "note", "head": hostile, "payload": {hostile: hostile}},
    )
    browser = browser_of(Role.OWNER)
    urls = [reverse("runs:episode", args=[made.pk]), *(reverse("runs:step", args=[made.pk, seq]) for seq in range(5))]
    for url in [*urls, f"{urls[0]}?find=%3Cscript%3Ealert"]:
        # The marks that scripts pair by are nothing that anybody sees.
        text = re.sub(r' data-(call|result)="[^"]*"', "", browser.get(url).content.decode())
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "\u202e" not in text


def test_every_key_has_a_deed_and_every_deed_a_key(root: Path) -> None:
    script = (root / "static/js/episode/keys.js").read_text("utf-8")
    table = script.split("const deeds = {")[1].split("\n  };")[0]
    deeds = re.findall(r"^    (?:async )?(\w+)[:(]", table, re.MULTILINE)
    assert sorted(deeds) == sorted(deed for _, deed, _ in KEYS)
