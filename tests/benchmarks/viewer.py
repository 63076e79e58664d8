"""The episode viewer in a real browser: from commit to screen, and how long a log takes to open, to go back in and to search.

A studio in processes of its own, a scribe that commits events like a worker, Chromium that notes when each is in the page.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.services import browser_program, redis_database
from tests.serving import Serving

WATCH = """
window.seen = {};
const note = () => {
  const now = performance.timeOrigin + performance.now();
  for (const entry of document.querySelectorAll('[data-seq]')) window.seen[entry.dataset.seq] ??= now;
  for (const result of document.querySelectorAll('.result')) window.seen[result.id.slice(1)] ??= now;
};
new MutationObserver(note).observe(document.getElementById('transcript'), {childList: true, subtree: true});
note();
"""


@contextmanager
def window(studio: Serving) -> Iterator[Page]:
    """A signed-in browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": studio.cookie, "url": f"http://{studio.address}"}])
        yield context.new_page()
        browser.close()


def commit_to_screen(studio: Serving, page: Page, count: int, pause: float) -> list[float]:
    """Seconds from the commit of an event to its being in the page, each event in a transaction of its own."""
    episode = studio.open_episode()
    studio.tell(do="fill", episode=episode, count=1)
    page.goto(f"http://{studio.address}/runs/episodes/{episode}/")
    page.evaluate(WATCH)
    time.sleep(1)
    committed = {}
    for number in range(1, count + 1):
        committed[number] = studio.tell(do="step", episode=episode, number=number)["committed"]
        # The page's own loop must run meanwhile: nothing of ours may hold it.
        page.wait_for_timeout(1000 * pause)
    page.wait_for_timeout(3000)
    seen = {int(seq): moment / 1000 for seq, moment in page.evaluate("window.seen").items()}
    return [seen[number] - moment for number, moment in committed.items()]


def opening(studio: Serving, page: Page, count: int) -> dict[str, float]:
    """Seconds to open a log of ``count`` events, to load all of it step by step, and to find a word of its beginning."""
    episode = studio.open_episode()
    studio.tell(do="fill", episode=episode, count=count)
    studio.tell(do="close", episode=episode)
    url = f"http://{studio.address}/runs/episodes/{episode}/"
    figures = {"open": _visit(page, url), "open again": _visit(page, url)}
    earlier = []
    while page.locator("#earlier a").count():
        before = page.locator(".entry").count()
        began = time.perf_counter()
        page.evaluate("document.querySelector('#earlier a').click()")
        page.locator(".entry").nth(before).wait_for(state="attached")
        earlier.append(time.perf_counter() - began)
    if earlier:
        figures |= {"load earlier, first": earlier[0], "load earlier, last": earlier[-1], "load earlier, all": sum(earlier)}
    figures["search"] = _visit(page, f"{url}?find=Turn+3%3A")
    return figures


def _visit(page: Page, url: str) -> float:
    """Seconds from asking to a painted page whose scripts have run."""
    began = time.perf_counter()
    page.goto(url, wait_until="load")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - began


def told(values: list[float]) -> str:
    """Median and 95th percentile."""
    return f"p50 {median(values):.3f} s, p95 {sorted(values)[int(0.95 * len(values))]:.3f} s"


def measure(name: str, arguments: Any, **environment: str) -> None:
    """All figures of one set-up."""
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder), **environment) as studio, window(studio) as page:
        print(f"{name}: commit to screen {told(commit_to_screen(studio, page, arguments.events, arguments.pause))}", flush=True)
        for count in arguments.logs if not environment else ():
            for what, seconds in opening(studio, page, count).items():
                print(f"  {count} events, {what}: {seconds:.2f} s", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between commits")
    parser.add_argument("--logs", type=int, nargs="*", default=[3_000, 10_000])
    arguments = parser.parse_args()
    measure("without hints", arguments)
    with redis_database() as url:
        measure("with hints over Redis", arguments, CHANNEL_LAYER_URL=url)


if __name__ == "__main__":
    main()
