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
from synthesis.models import Episode, Tool
from tests.builders_logs import OPENING, an_episode, append, call, close, end, judge, result, says, start
from tests.builders_runs import a_run, install, queued
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


def card(text: str, ident: str) -> str:
    return text.split(f'data-call="{ident}"')[1].split("</section>", maxsplit=1)[0]


def test_five_parallel_calls_answered_backwards_beside_text_are_all_paired(browser_of: BrowserOf) -> None:
    made = an_episode()
    idents = [f"c{n}" for n in range(5)]
    calls = [call("find_pet", ident, id=ident) for ident in idents]
    append(
        made, start(), says("agent", "five at once", *calls), *[result(ident, {"name": f"pet of {ident}"}) for ident in reversed(idents)]
    )
    text = page(browser_of(Role.VIEWER), made)
    assert "five at once" in text
    for ident in idents:
        assert text.count(f'data-result="{ident}"') == 1
        assert f"pet of {ident}" in card(text, ident)
    assert len(re.findall(r'<li class="entry', text)) == 2


def test_a_wrong_log_hides_nothing(browser_of: BrowserOf) -> None:
    """An orphan result, an id used twice, a second result for one call, a call that never gets one."""
    made = an_episode()
    append(
        made,
        start(),
        result("nobody", {"name": "orphan"}),
        says("agent", "", call("find_pet", "twice"), call("find_pet", "twice")),
        result("twice", {"name": "first"}),
        result("twice", {"name": "second"}),
        result("twice", {"name": "third"}),
        says("agent", "", call("find_pet", "silent")),
        end("error"),
    )
    close(made, outcome="error")
    text = page(browser_of(Role.VIEWER), made)
    for word in ("orphan", "first", "second", "third"):
        assert text.count(f"<td>{word}</td>") == 1, word
    assert "waiting for the result" not in card(text, "silent"), "nothing waits when the episode is over"
    assert "no result" in card(text, "silent")
    assert len(re.findall(r'data-kind="tool_result"', text)) >= 2


def test_arguments_are_held_against_the_schema_of_the_release(browser_of: BrowserOf) -> None:
    made = an_episode()
    name = made.scenario.body["tools"][0]["name"]  # type: ignore[union-attr]
    schema = Tool.objects.get(release=made.release, name=name).parameters
    required = schema["required"][0]
    append(
        made,
        {**start(), "payload": OPENING | {"tools": [name]}},
        says("agent", "", call(name, "odd", **{required: ["not", "a", "text"]}), call(name, "bare"), call("fly_away", "gone")),
    )
    text = page(browser_of(Role.VIEWER), made)
    assert "does not fit" in card(text, "odd")
    assert "is not of type" in card(text, "odd")
    assert "arguments do not fit" in card(text, "bare")
    assert required in card(text, "bare")
    assert "unknown tool" in card(text, "gone")
    assert "unknown tool" not in card(text, "odd")


def test_the_outline_has_turns_with_what_was_said_and_called(episode: Episode, browser_of: BrowserOf) -> None:
    outline = page(browser_of(Role.VIEWER), episode).split('id="outline"')[1].split("</nav>")[0]
    assert outline.count('class="turn"') == 2
    assert re.findall(r'data-chip="(\w+)" href="#e(\d)"', outline) == [("c1", "4"), ("c2", "3")]
    assert 'class="chip bad" data-chip="c2"' in outline


def test_evidence_is_marked_for_those_who_may_see_judgements(episode: Episode, browser_of: BrowserOf) -> None:
    judge(episode, "writes_confirmed", evidence=[3])
    assert "writes_confirmed" in card(page(browser_of(Role.VIEWER), episode), "c2")
    assert "writes_confirmed" not in card(page(browser_of(Role.VIEWER), episode), "c1")
    assert "writes_confirmed" not in page(browser_of(Role.REVIEWER), episode)


def test_the_inspector_shows_the_end_at_once_and_any_step_on_request(episode: Episode, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.VIEWER)
    text = page(browser, episode)
    assert "End state" in text
    assert "<ins>Max</ins>" in text.split('id="inspected"')[1]
    early = page(browser, episode, step=1).split('id="inspected"')[1]
    assert "Nothing differs from the start" in early
    assert "data-pinned" in early
    raw = page(browser, episode, step=4, tab="raw").split('id="inspected"')[1]
    assert '"took_place": true' in raw
    assert 'value="4"></option>' in text, "the scrubber marks the step that changed the world"


def test_scripts_get_only_the_earlier_events(browser_of: BrowserOf) -> None:
    made = an_episode()
    append(made, start(), says("agent", "", call("find_pet", "c1")), *[says("user", f"line {n};") for n in range(600)], result("c1"))
    url = reverse("runs:episode", args=[made.pk])
    part = browser_of(Role.VIEWER).get(url, {"before": 103}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert [int(seq) for seq in re.findall(r'data-seq="(\d+)"', part)] == list(range(103))
    assert 'data-result="c1"' in part, "a later result of an earlier call comes with its call"


@pytest.mark.parametrize(("query", "holds"), [({}, '"problems"'), ({"format": "openai"}, '"tool_calls"')])
def test_the_trajectory_is_a_file(query: dict[str, str], holds: str, episode: Episode, browser_of: BrowserOf) -> None:
    file = browser_of(Role.VIEWER).get(reverse("runs:trajectory", args=[episode.pk]), query)
    assert file["Content-Disposition"].startswith("attachment")
    assert holds in file.content.decode()


def test_one_goes_from_episode_to_episode_of_a_run(browser_of: BrowserOf) -> None:
    install()
    run = a_run(3)
    queued(run)
    first, second, third = Episode.objects.filter(run=run).order_by("index")
    text = page(browser_of(Role.VIEWER), second)
    assert f'rel="prev" href="{reverse("runs:episode", args=[first.pk])}"' in text
    assert f'rel="next" href="{reverse("runs:episode", args=[third.pk])}"' in text


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
        link = re.search(r'id="earlier"><a class="button" href="(\?before=\d+)"', text)
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
    assert queries() == few <= 14


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
    append(made, says("agent", "", call("find_pet", "c1", note='a "quoted"\nthing')), result("c1", {"ÄRGER": 4711}))
    for inside in ('"quoted"\nthing', "ärger", "4711"):
        assert "1 of 1" in page(browser, made, find=inside), inside
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
        text = re.sub(r' data-(call|result|chip)="[^"]*"', "", browser.get(url).content.decode())
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "\u202e" not in text


def test_every_key_has_a_deed_and_every_deed_a_key(root: Path) -> None:
    script = (root / "static/js/episode/keys.js").read_text("utf-8")
    table = script.split("const deeds = {")[1].split("\n  };")[0]
    deeds = re.findall(r"^    (?:async )?(\w+)[:(]", table, re.MULTILINE)
    assert sorted(deeds) == sorted(deed for _, deed, _ in KEYS)
