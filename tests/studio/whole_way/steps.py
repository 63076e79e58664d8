"""The whole way through the studio, step by step, as somebody without a browser goes it.

Each step is a function that takes a ``Way`` and leaves in its notes what later ones need. The same steps are gone embedded and with every
process apart. A new area adds its step here, in the order in which a new user would come by.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from time import monotonic, sleep
from typing import Any

from studio.live.episodes import OVER
from tests.studio.whole_way.visitor import Page, Visitor

EPISODES = 4


@dataclass
class Way:
    """Who goes it, the one-time link they were given, and what was met on the way."""

    visitor: Visitor
    link: str
    notes: dict[str, Any] = field(default_factory=dict)


def sign_in(way: Way) -> None:
    """By the link that the first start printed; a second time it opens nothing."""
    page = way.visitor.open(way.link)
    home = way.visitor.send(page, page.form(button="Open the studio"))
    assert (home.status, home.url) == (200, "/")
    assert "This link no longer works" in Visitor(way.visitor.address, way.visitor.origin).open(way.link).html


def look_at_a_domain(way: Way) -> None:
    """From the catalogue to a tool."""
    index = way.visitor.open("/catalogue/")
    assert "/catalogue/domains/vet_clinic/" in index.html
    domain = way.visitor.open("/catalogue/domains/vet_clinic/")
    tools = domain.links(r"/catalogue/domains/vet_clinic/tools/\w+/")
    assert way.visitor.open(tools[0]).status == 200
    way.notes["tool"] = tools[0]


def try_a_tool(way: Way) -> None:
    """Fill in an example and call the tool in a world of one's own."""
    page = way.visitor.open(way.notes["tool"] + "try/")
    chip = unescape(page.html.split('class="chip" href="')[1].split('"')[0])
    filled = way.visitor.open(chip)
    called = way.visitor.send(filled, filled.form(button="Call"))
    assert called.status == 200
    assert 'id="result"' in called.html
    assert "No calls yet" not in called.html


def publish_a_domain(way: Way) -> None:
    """Change the draft, have it audited by a worker, and publish what passed."""
    page = way.visitor.open("/catalogue/domains/vet_clinic/edit/")
    form = page.form(button="Save")
    text = dict(form.fields)["text"]
    changed = re.sub(r"^description: .*$", "description: A clinic on its first day.", text, count=1, flags=re.MULTILINE)
    assert way.visitor.send(page, form, text=changed).status == 200
    place = "/catalogue/domains/vet_clinic/edit/publish/"
    page = way.visitor.open(place)
    way.visitor.send(page, page.form(button="Audit the draft"))
    page = until(lambda: way.visitor.open(place), lambda page: 'name="audit"' in page.html, seconds=120)
    way.visitor.send(page, page.form(button="Publish"))
    assert "/edit/pack/2.yaml" in way.visitor.open("/catalogue/domains/vet_clinic/releases/").html


def start_a_run(way: Way) -> None:
    """Slow enough to be watched. A form that cannot be used keeps what was typed."""
    page = way.visitor.open("/runs/new/")
    form = page.form(button="Start the run")
    wrong = way.visitor.send(page, form, episodes=0, seed=4711)
    assert wrong.status == 422
    assert 'value="4711"' in wrong.html
    run = way.visitor.send(page, form, episodes=EPISODES, seed=3, pace=0.3, domains=["vet_clinic"], variations=["plain"])
    assert run.status == 200, run.html[:2000]
    way.notes["run"] = int(run.url.strip("/").split("/")[1])


def follow_an_episode(way: Way) -> None:
    """From its first event to its end over the socket: every event once, in order, as the page shows them afterwards."""
    page = until(lambda: way.visitor.open(f"/runs/{way.notes['run']}/"), lambda page: 'class="cell playing"' in page.html)
    start = page.html.index('class="cell playing"')
    path = page.html[start:].split('href="')[1].split('"')[0]
    assert way.visitor.open(path).status == 200
    frames = list(way.visitor.frames(f"/live{path.removeprefix('/runs')}?after=-1"))
    events = [event for frame in frames for event in frame["events"]]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert (events[0]["kind"], events[-1]["kind"]) == ("episode_started", "episode_ended")
    assert way.visitor.farewell == OVER
    shown = way.visitor.open(path)
    assert [seq for seq in range(len(events)) if f'data-seq="{seq}"' not in shown.html and events[seq]["kind"] != "tool_result"] == []
    way.notes["episode"] = path


def see_it_judged(way: Way) -> None:
    """The run ends by itself, and every episode has been judged and passed."""
    path = f"/runs/{way.notes['run']}/"
    page = until(lambda: way.visitor.open(path), lambda page: page.html.count('class="cell passed"') == EPISODES)
    until(lambda: way.visitor.open(path), lambda page: "hx-trigger" not in page.html)
    assert page.status == 200


def review_an_episode(way: Way) -> None:
    """What the run sends to people is claimed, scored blind and sealed; then the judge stands beside it."""
    page = until(lambda: way.visitor.open("/review/"), lambda page: "Review next" in page.html)
    page = way.visitor.send(page, page.form(button="Review next"))
    item = page.url.strip("/").split("/")[-1]
    assert "Mine beside the judge" not in page.html
    form = page.form(button="Seal and next Ctrl+Enter")
    form.action = f"/review/items/{item}/seal/"
    answers = dict.fromkeys(re.findall(r'name="(v-[\w-]+)"', page.html), "5")
    assert len(answers) > 3
    assert way.visitor.send(page, form, **answers, decision="keep").status == 200
    assert "Mine beside the judge" in way.visitor.open(f"/review/items/{item}/sealed/").html


def make_a_dataset(way: Way) -> None:
    """See what a rule would keep of the run, then have it made with its file."""
    page = way.visitor.open(f"/datasets/new/?threshold=0&duplicates=on&runs={way.notes['run']}")
    form = page.form(button="Make this dataset")
    made = way.visitor.send(page, form, name="Whole way", formats=["openai"])
    assert made.status == 200, made.html
    done = until(lambda: way.visitor.open(made.url), lambda page: bool(page.links(r"/datasets/files/\d+/")))
    way.notes["file"] = done.links(r"/datasets/files/\d+/")[0]


def download_it(way: Way) -> None:
    """Every row is a conversation whose calls have their results."""
    file = way.visitor.open(way.notes["file"])
    assert file.headers["content-disposition"].startswith("attachment")
    rows = [json.loads(line) for line in file.body.splitlines()]
    assert len(rows) == EPISODES
    for row in rows:
        calls = [call["id"] for message in row["messages"] for call in message.get("tool_calls") or []]
        assert [message["tool_call_id"] for message in row["messages"] if message["role"] == "tool"] == calls != []


def sign_out(way: Way) -> None:
    """Afterwards every page leads to the sign-in page."""
    page = way.visitor.open("/")
    way.visitor.send(page, page.form(action=".*/sign-out/"))
    assert way.visitor.open("/runs/").url.startswith("/sign-in/")


STEPS: tuple[Callable[[Way], None], ...] = (
    sign_in,
    look_at_a_domain,
    try_a_tool,
    publish_a_domain,
    start_a_run,
    follow_an_episode,
    see_it_judged,
    review_an_episode,
    make_a_dataset,
    download_it,
    sign_out,
)


def until(look: Callable[[], Page], enough: Callable[[Page], bool], seconds: float = 60) -> Page:
    """The page, once it is as it should be."""
    deadline = monotonic() + seconds
    while True:
        page = look()
        if enough(page):
            return page
        assert monotonic() < deadline, f"{page.url} did not come to that:\n{page.html[-3000:]}"
        sleep(0.2)
