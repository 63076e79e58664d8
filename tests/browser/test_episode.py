"""The episode viewer in a browser, against a server of its own: keys, following, coming back, going back, comparing, forking."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from studio.web.runs.keys import KEYS
from tests.browser.conftest import NARROW, WIDE, Watched
from tests.builders_logs import call, end, result, says, start
from tests.serving import Serving

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)> ![](https://evil.example/x.png) \"'><script>alert(2)</script>\u202e\u200b\x1b[31m" + "x" * 400
CHANGE = {"table": "pets", "key": "P-1", "before": {"id": "P-1", "name": "Rex"}, "after": {"id": "P-1", "name": EVIL}}
TALK: list[dict[str, Any]] = [
    start(),
    says("user", "안녕하세요. 예약을 옮기고 싶어요. " * 20),
    says("agent", "Let me look.", call("find_pet", "c1", id="P-1"), call("fly_away", "c2", where=EVIL)),
    result("c2", error={"code": "unknown_tool", "message": EVIL}),
    result("c1", [{"id": "P-1", "name": "Rex", "note": "long " * 30}] * 8),
    says("agent", EVIL),
    says("user", "Yes, please."),
    says("agent", "", call("move_visit", "c3", id="P-1")),
    result("c3", {"id": "P-1", "fee": 4550}, delta=[CHANGE], fault={"kind": "late_result", "took_place": True}),
    says("agent", "Done."),
    end(),
]

OpenStudio = Callable[..., Watched]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One studio for all of these tests; each takes an episode of its own."""
    with Serving(tmp_path_factory.mktemp("studio")) as serving:
        yield serving


@pytest.fixture
def look(browser: Browser, studio: Serving) -> Iterator[OpenStudio]:
    """``look(narrow=False, dark=False, scripts=True, language="en")``: a window of somebody who may do everything."""
    contexts: list[BrowserContext] = []

    def opened(*, narrow: bool = False, dark: bool = False, scripts: bool = True, language: str = "en") -> Watched:
        context = browser.new_context(
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=language,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "sessionid", "value": studio.cookie, "url": f"http://{studio.address}"}])
        contexts.append(context)
        return Watched(context.new_page(), f"http://{studio.address}")

    yield opened
    for context in contexts:
        with suppress(Exception):
            context.close()


def an_episode(studio: Serving, events: list[dict[str, Any]], *, over: bool = True) -> int:
    episode = studio.open_episode()
    studio.tell(do="append", episode=episode, events=events)
    if over:
        studio.tell(do="close", episode=episode)
    return episode


def path(episode: int) -> str:
    return f"/runs/episodes/{episode}/"


def focused(page: Page) -> str:
    """What has the focus: the id of an article, or the call of a card."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.dataset.call || ''"))


@pytest.fixture(scope="module")
def talk(studio: Serving) -> int:
    """An episode with errors, faults, changes and hostile text in every place."""
    return an_episode(studio, TALK)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_pages_are_sound_whatever_is_in_the_log(look: OpenStudio, studio: Serving, talk: int, narrow: bool, dark: bool) -> None:
    window = look(narrow=narrow, dark=dark, language="ko" if dark else "en")
    tabs = [f"{path(talk)}steps/8/?tab={tab}" for tab in ("world", "raw", "checks", "scores")]
    pages = [path(talk), f"{path(talk)}?find=rex&hit=2", *tabs, f"/runs/compare/?left={talk}&index=0", f"{path(talk)}fork/"]
    for url in pages:
        window.open(url)
        assert window.barriers() == [], url
        assert window.fits(), url
    assert window.faults == []


def test_every_key_does_what_the_sheet_says(look: OpenStudio, talk: int) -> None:
    page = look().open(path(talk))
    done: dict[str, Callable[[], bool]] = {
        "next_turn": lambda: focused(page) == "e1",
        "previous_turn": lambda: focused(page) == "e0",
        "next_call": lambda: focused(page) == "c1",
        "previous_call": lambda: focused(page) == "c1",
        "next_error": lambda: focused(page) == "c2",
        "open": lambda: page.locator("#inspected h2", has_text="Step 3").count() == 1,
        "start": lambda: focused(page) == "e0",
        "end": lambda: focused(page) == "e10",
        "follow": lambda: bool(page.evaluate("scrollY > 0")),
        "find": lambda: focused(page) == "find",
        "copy_link": lambda: str(page.evaluate("navigator.clipboard.readText()")).endswith(f"{path(talk)}#e0"),
        "help": lambda: page.locator("#keys").is_visible(),
    }
    before = {
        "next_turn": "g g",
        "previous_turn": "g g j",
        "next_call": "g g",
        "previous_call": "g g ] ]",
        "next_error": "g g",
        "follow": "g g",
    }
    before |= {"open": "g g e", "copy_link": "g g"}
    for keys, deed, _ in KEYS:
        for key in f"{before.get(deed, '')} {keys}".split():
            page.keyboard.press("Shift+G" if key == "G" else key)
        page.wait_for_timeout(50)
        for _attempt in range(40):
            if done[deed]():
                break
            page.wait_for_timeout(50)
        assert done[deed](), deed
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
    assert set(done) == {deed for _, deed, _ in KEYS}


def test_one_article_is_reached_by_tab(look: OpenStudio, talk: int) -> None:
    page = look().open(path(talk))
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("article[tabindex='0'], .call[tabindex='0']").count() == 1


def test_what_is_committed_appears_and_results_land_in_their_calls(look: OpenStudio, studio: Serving) -> None:
    episode = an_episode(studio, TALK[:3], over=False)
    window = look()
    page = window.open(path(episode))
    assert page.inner_text("#phase") == "Live"
    for event in TALK[3:]:
        studio.tell(do="append", episode=episode, events=[event])
    page.wait_for_selector("#e10")
    for call_id, words in (("c1", "Rex"), ("c2", "unknown_tool"), ("c3", "4550")):
        card = page.locator(f"[data-call={call_id}]")
        assert words in card.inner_text()
        assert card.locator(".pending").count() == 0
    assert page.locator("#outline .chip.bad").inner_text().startswith("fly_away")
    assert page.locator("#transcript > li").count() == 8
    assert page.inner_text("#strip-calls") == "3"
    page.locator("#inspected h2", has_text="End state").wait_for()
    studio.tell(do="close", episode=episode)
    page.locator("#phase", has_text="Ended: user_done").wait_for()
    assert window.barriers() == []
    assert window.faults == []


def test_who_reads_above_the_end_is_told_and_not_moved(look: OpenStudio, studio: Serving) -> None:
    episode = an_episode(studio, [start(), *[says("user", f"line {n}") for n in range(60)]], over=False)
    page = look().open(path(episode))
    page.evaluate("scrollTo(0, 0)")
    studio.tell(do="append", episode=episode, events=[says("agent", "one"), says("agent", "two")])
    page.locator("#pill", has_text="2 new events").wait_for()
    assert page.evaluate("scrollY") == 0
    page.click("#pill")
    page.wait_for_timeout(200)
    assert page.locator("#pill").is_hidden()
    studio.tell(do="append", episode=episode, events=[says("agent", "three")])
    page.wait_for_selector("#e63")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('#e63').getBoundingClientRect().top < innerHeight"), "at the end one stays at the end"


def test_after_a_break_it_comes_back_with_nothing_lost_and_nothing_twice(look: OpenStudio, studio: Serving) -> None:
    episode = an_episode(studio, [start(), says("user", "before")], over=False)
    page = look().open(path(episode))
    page.locator("#phase", has_text="Live").wait_for()
    studio.stop_web()
    page.locator("#phase", has_text="Connecting again").wait_for()
    studio.tell(do="append", episode=episode, events=[says("agent", f"meanwhile {n}") for n in range(3)])
    studio.start_web()
    page.wait_for_selector("#e4")
    page.locator("#phase", has_text="Live").wait_for()
    numbers = page.eval_on_selector_all("#transcript > li", "items => items.map(item => item.dataset.seq)")
    assert numbers == ["0", "1", "2", "3", "4"]


def test_loading_earlier_keeps_the_place(look: OpenStudio, studio: Serving) -> None:
    episode = studio.open_episode()
    studio.tell(do="fill", episode=episode, count=1_300)
    studio.tell(do="close", episode=episode)
    window = look()
    page = window.open(path(episode))
    page.evaluate("scrollTo(0, 0)")
    for shown in (500, 1_000):
        first = page.locator("#transcript > li").first.get_attribute("data-seq")
        page.locator(f"#transcript > li[data-seq='{first}']").scroll_into_view_if_needed()
        place = f"document.querySelector(\"#transcript > li[data-seq='{first}'] article\").getBoundingClientRect().top"
        was = page.evaluate(place)
        page.evaluate("document.querySelector('#earlier a').click()")
        page.locator(f"#transcript > li[data-seq='{1_300 - shown - 2}']").wait_for(state="attached")
        page.wait_for_timeout(300)
        assert abs(page.evaluate(place) - was) < 4
    assert page.locator("#earlier").count() == 0
    ids = page.eval_on_selector_all("[id]", "items => items.map(item => item.id)")
    assert len(ids) == len(set(ids))
    assert page.locator("#transcript [data-kind=tool_result]").count() == 0, "each result stands in its card"
    assert page.locator("#outline .turn").count() == len(
        set(page.eval_on_selector_all("#outline .turn", "all => all.map(t => t.dataset.turn)"))
    )
    assert window.faults == []


def test_the_scrubber_goes_through_the_world_and_keeps_the_tab(look: OpenStudio, talk: int) -> None:
    page = look().open(path(talk))
    page.focus("#at")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.locator("#inspected h2", has_text="Step 7").wait_for()
    assert "Nothing differs from the start" in page.inner_text("#inspected")
    page.keyboard.press("ArrowRight")
    page.locator("#inspected h2", has_text="Step 8").wait_for()
    assert "at this step" in page.inner_text("#inspected")
    page.click("#inspected [data-tab=raw]")
    page.wait_for_selector("#inspected pre.raw")
    page.click("#inspected [rel=prev]")
    page.locator("#inspected h2", has_text="Step 7").wait_for()
    assert page.locator("#inspected pre.raw").count() == 1


def test_on_a_narrow_window_the_inspector_and_the_outline_open_over_the_page(look: OpenStudio, talk: int) -> None:
    window = look(narrow=True)
    page = window.open(path(talk))
    assert page.locator("#inspector").is_hidden()
    page.click("#e1 .number")
    page.locator("#inspected h2", has_text="Step 1").wait_for()
    assert page.locator("#inspector").is_visible()
    assert window.barriers() == []
    page.keyboard.press("Escape")
    page.click("[data-for=outline]")
    assert page.locator("#outline").is_visible()
    assert window.fits()
    page.click("#outline a >> text=Done.")
    assert page.locator("#outline").is_hidden(), "it makes way for the place that was chosen"


def test_without_scripts_every_step_and_place_is_a_link_or_a_form(look: OpenStudio, studio: Serving, talk: int) -> None:
    page = look(scripts=False).open(path(talk))
    page.fill("#find", "rex")
    page.press("#find", "Enter")
    assert "1 of " in page.inner_text(".hits")
    page.click(".hits [rel=next]")
    assert "2 of " in page.inner_text(".hits")
    page.click("#e8 .number, .status a[href$='/steps/8/']")
    assert page.locator("h2", has_text="Step 8").count() == 1
    page.click("nav.tabs a >> text=Raw")
    assert page.locator("pre.raw").count() == 1


def test_an_episode_is_forked_and_compared_with_its_fork(look: OpenStudio, studio: Serving, talk: int) -> None:
    window = look()
    page = window.open(path(talk))
    page.click("#e6 .number")
    page.click("text=Fork from this step")
    assert page.input_value("[name=step]") == "6"
    page.click("main form .primary")
    page.locator("#phase", has_text="Waiting for a worker").wait_for()
    assert page.locator("#transcript > li", has_text="forked at step 6").count() == 1
    page.click("text=Compare")
    page.click(".plays a >> nth=0")
    page.click("text=To where they part")
    assert "only" in page.inner_text("#parting .verdict")
    assert window.barriers() == []
    assert window.fits()
    assert window.faults == []


def test_a_seat_is_played_by_hand(look: OpenStudio, talk: int) -> None:
    window = look()
    page = window.open(f"{path(talk)}fork/?step=1")
    page.check("[name=by_hand][value=agent]")
    page.click("main form .primary")
    page.locator("#phase", has_text="Waiting for a person").wait_for()
    page.fill("#hand-text", "One moment, please.")
    page.select_option("#hand-tool", "find_owner")
    page.click("#hand form >> text=Choose")
    page.locator("[name='arg.phone']").fill("555-0101")
    assert page.input_value("#hand-text") == "One moment, please."
    assert window.barriers() == []
    assert window.fits()
    page.click("#hand .primary")
    page.locator("#transcript .call .tool", has_text="find_owner").wait_for()
    page.locator("#hand", has_text="The others are at work").wait_for()
    assert window.faults == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_message_grows_while_a_model_writes_it_and_its_event_takes_its_place(
    look: OpenStudio, studio: Serving, narrow: bool, dark: bool
) -> None:
    episode = an_episode(studio, [*TALK[:3], says("user", "And now?")], over=False)
    studio.tell(do="model", episode=episode)
    window = look(narrow=narrow, dark=dark)
    page = window.open(path(episode))
    for _attempt in range(100):
        if studio.tell(do="write", episode=episode, text="It is")["watched"]:
            break
        page.wait_for_timeout(100)
    growing = page.locator("[data-writing] .said")
    growing.get_by_text("It is").wait_for()
    assert page.locator("#announce").text_content() == "The agent is writing"
    studio.tell(do="write", episode=episode, text=f"It is done {EVIL}")
    growing.get_by_text("It is done").wait_for()
    assert growing.locator("img").count() == 0
    assert page.locator("#announce").text_content() == "The agent is writing", "words are not announced one by one"
    assert window.barriers() == []
    assert window.fits()
    studio.tell(do="append", episode=episode, events=[says("agent", "It is done.")])
    page.locator("#e4").wait_for()
    assert page.locator("[data-writing]").count() == 0
    studio.tell(do="append", episode=episode, events=[end()])
    studio.tell(do="close", episode=episode)
    page.locator("#phase", has_text="Ended").wait_for()
    assert window.faults == []
