"""``manage.py serve`` as a user meets it: it answers, plays runs, ends cleanly, and a first run watched in a browser."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import sync_playwright

from tests.studio.installation import Installation, children, descendants, kill, kill_tree, until
from tests.studio.serving import Served
from tests.studio.test_kill import alive

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@pytest.fixture
def home(studio_environment: dict[str, str]) -> Installation:
    return Installation(studio_environment, "vet_clinic")


@pytest.fixture
def served(home: Installation) -> Iterator[Served]:
    studio = Served(home, "--no-demo")
    yield studio
    if studio.process.poll() is None:
        kill_tree(studio.process.pid)


def children_of(data: Path) -> list[str]:
    """Processes of this installation that are still there."""
    found = subprocess.run(["ps", "eww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if f"STUDIO_DATA={data}" in line and "ps eww" not in line]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_plays_a_run_and_hands_it_back_when_it_ends(served: Served, how: signal.Signals) -> None:
    home = served.home
    with urlopen(f"{served.url}/sign-in/", timeout=5) as answer:
        assert answer.status == 200
    home.ask("from studio.pipelines.launching import launch\nlaunch(episodes=12, seed=1, variations=['plain'], pace=0.4)\nprint(1)")
    deadline = monotonic() + 60
    while not home.counts()["playing"] and monotonic() < deadline:
        sleep(0.2)
    code, err = served.end(how)
    assert (code, err.strip()) == (0, "Stopping ...")
    counts = home.counts()
    assert counts["playing"] == 0
    assert counts["judged"] < 12
    assert not children_of(home.data)
    again = Served(home, "--no-demo")
    try:
        while home.counts()["judged"] < 12 and monotonic() < deadline + 60:
            sleep(0.5)
    finally:
        again.end()
    assert home.damage() == []


@pytest.mark.slow
def test_nothing_is_left_behind_when_it_is_killed(served: Served) -> None:
    served.home.ask("from studio.pipelines.launching import launch\nlaunch(episodes=12, seed=1, variations=['plain'], pace=2)\nprint(1)")
    until(lambda: len(descendants(served.process.pid)) >= 5)
    family = descendants(served.process.pid)
    kill(served.process.pid)
    served.process.communicate()
    until(lambda: not any(alive(pid) for pid in family), 25)


def test_what_dies_is_started_again(served: Served) -> None:
    def answers() -> bool:
        try:
            return bool(urlopen(f"{served.url}/sign-in/", timeout=2).status == 200)
        except OSError:
            return False

    assert len(children(served.process.pid)) == 2
    for child in children(served.process.pid):
        kill_tree(child)
    until(lambda: not answers(), 10)
    until(lambda: answers() and len(children(served.process.pid)) == 2, 20)
    code, err = served.end()
    assert code == 0
    assert "The web server ended (signal SIGKILL); it is started again in 1 s." in err
    assert "The worker ended (signal SIGKILL); it is started again in 1 s." in err


def test_its_worker_takes_what_the_pages_ask_for(served: Served) -> None:
    """Files that are asked for by message, as pages ask for long work: the worker beside the web server writes them."""
    served.home.synthesize("--episodes", "2", "--seed", "1", "--workers", "1")
    done = served.home.ask(
        "from time import sleep\nfrom judging.models import Export\nfrom studio import queue\n"
        "Export.objects.all().delete()\n"
        "queue.export_enqueue(1)\n"
        "for _ in range(300):\n"
        "    if Export.objects.exists(): break\n"
        "    sleep(0.1)\n"
        "print(int(Export.objects.exists()))"
    )
    assert done == 1


def test_others_are_let_in_where_it_listens_for_them(home: Installation) -> None:
    served = Served(home, "--no-demo", "--host", "0.0.0.0")
    try:
        for name, status in ((socket.gethostname(), 200), ("evil.example", 400)):
            request = Request(f"{served.url}/sign-in/", headers={"Host": name})
            try:
                assert urlopen(request, timeout=5).status == status
            except HTTPError as error:
                assert error.code == status
    finally:
        code, err = served.end()
    assert code == 0
    assert "not encrypted" in err


def test_a_fresh_studio_has_something_to_look_at(home: Installation) -> None:
    for _ in range(2):
        served = Served(home)
        with urlopen(f"{served.url}/sign-in/", timeout=5) as answer:
            assert answer.status == 200
        deadline = monotonic() + 30
        while not sum(home.counts().values()) and monotonic() < deadline:
            sleep(0.2)
        assert served.end()[0] == 0
    assert sum(home.counts(1).values()) == 24
    assert sum(home.counts(2).values()) == 0


def test_a_taken_port_is_said_before_anything_starts(home: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        _, err = home.finish("serve", "--port", str(taken.getsockname()[1]), expect=2)
    assert "Give another --port" in err
    _, err = home.finish("serve", "--port", "0", expect=2)
    assert "from 1 to 65535" in err


@pytest.mark.slow
@pytest.mark.browser
def test_from_the_list_of_runs_to_the_end_of_an_episode(served: Served, chromium: str) -> None:
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS), env={**os.environ})
        page = browser.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(served.link)
        page.locator("main form button").first.click()
        page.goto(f"{served.url}/runs/")
        page.get_by_role("link", name="New run").first.click()
        page.fill("#id_episodes", "4")
        page.fill("#id_pace", "0.4")
        page.get_by_role("button", name="Start the run").click()
        page.locator(".cell.playing").first.click(timeout=60_000)
        page.locator("#phase", has_text="Ended").wait_for(timeout=90_000)
        page.locator("#strip-events").wait_for()
        page.wait_for_timeout(500)
        live = [element.get_attribute("data-seq") for element in page.locator("#transcript > li").all()]
        inside = page.locator(".call .result").count()
        assert page.locator(".pending").count() == 0
        page.keyboard.press("]")
        page.keyboard.press("o")
        page.locator("#inspector h2", has_text="Step").wait_for(timeout=10_000)
        page.keyboard.press("?")
        page.locator("#keys").wait_for(state="visible")
        page.reload()
        assert [element.get_attribute("data-seq") for element in page.locator("#transcript > li").all()] == live
        assert page.locator(".call .result").count() == inside > 0
        browser.close()
    assert wrong == []
    assert served.end()[0] == 0
