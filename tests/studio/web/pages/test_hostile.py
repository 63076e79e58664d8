"""A hundred harmful texts in every text of every page: none comes alive, none is lost, and no page grows without bounds."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import hostile
from tests.builders_logs import an_episode as logged_episode
from tests.builders_logs import append, call, end, result, says
from tests.every_page import every_page, rich_studio
from tests.people import signed_in

pytestmark = pytest.mark.usefixtures("no_memory_of_packs")

LARGEST = 2_000_000
"""Bytes of a page, whatever it shows."""
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\x00-\x08\x1b\x7f]")


def test_there_are_a_hundred_of_them() -> None:
    assert len(hostile.PAYLOADS) == len(set(hostile.PAYLOADS)) == 100


@pytest.mark.parametrize("payload", hostile.MARKUP + hostile.ATTRIBUTES)
def test_each_would_be_noticed(payload: str) -> None:
    if "alert(1)//" not in payload:
        broken_out = f'<p title="{payload}">{payload}</p>'.replace("--&gt;&lt;img", "--><img")
        assert hostile.Alive(broken_out + f"<p title='{payload}'></p>").found or payload.startswith("`")


def shown(html: str) -> str:
    """What is seen of a page: without attributes, without fields, which give back what they were given, and without the title, which holds
    no markup.
    """
    return re.sub(r"<[^>]*>", "", re.sub(r"<(textarea|title).*?</\1>", "", html, flags=re.DOTALL))


@pytest.mark.django_db
@pytest.mark.parametrize("first", [0, 50])
def test_none_comes_alive_on_any_page(owner: User, first: int) -> None:
    pages = every_page(rich_studio())
    assert hostile.plant(first) > 100
    client = signed_in(owner)
    troubles = []
    for page in pages:
        answer = client.get(page.path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if answer.status_code >= 400:
            troubles.append(f"{page.name}: {answer.status_code}")
        if len(body) > LARGEST:
            troubles.append(f"{page.name}: {len(body)} bytes")
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        html = body.decode()
        troubles += [f"{page.name}: {found}" for found in hostile.Alive(html).found]
        troubles += [f"{page.name}: U+{ord(found):04X} as it is" for found in set(UNSEEN.findall(shown(html)))]
    assert troubles == []


@pytest.mark.django_db
def test_they_are_there_to_be_read(owner: User) -> None:
    """A text that was thrown away would pass every other test."""
    pages = {page.name: page.path for page in every_page(rich_studio())}
    hostile.plant()
    client: Client = signed_in(owner)
    for name in ("catalogue:index", "catalogue:domain", "runs:episode", "settings:members"):
        assert hostile.CANARY in client.get(pages[name]).content.decode(), name


@pytest.mark.django_db
def test_a_line_of_five_megabytes_stays_behind_a_link(owner: User) -> None:
    episode = logged_episode()
    line = "<b>" * (hostile.LARGE // 3)
    append(episode, says("user", line), says("agent", "", call("find_pet", "c1", name=line)), result("c1", {"text": line}), end())
    client = signed_in(owner)
    for path in (f"/runs/episodes/{episode.pk}/", f"/runs/episodes/{episode.pk}/steps/0/", f"/runs/episodes/{episode.pk}/steps/2/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert len(answer.content) < LARGEST, path
