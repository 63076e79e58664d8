"""The tool registry, the page of a tool, relations, and what the index finds."""

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Role
from synthesis.engine.episode.tool_calls import ToolCalls
from synthesis.models import Domain, DomainRelation, Release, Tool
from synthesis.services.tool_uses import tool_uses_count
from tests.builders_logs import an_episode, append, call, says
from tests.builders_runs import install, starter_pack

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
NAME = "find_owner"


def test_the_registry_lists_tools_of_the_newest_release_with_their_usage(browser_of: BrowserOf) -> None:
    install()
    Tool.objects.filter(name=NAME).update(calls=1234, failures=617)
    browser = browser_of(Role.VIEWER)
    address = reverse("catalogue:tools")
    everything = browser.get(address).context["page"].items
    assert [tool.name for tool in everything] == sorted(starter_pack("vet_clinic").tools)
    shown = browser.get(address, {"words": NAME}).content.decode()
    assert "1,234" in shown and "50.0 %" in shown
    assert all(tool.effect == "write" for tool in browser.get(address, {"effect": "write"}).context["page"].items)
    for nothing in ({"domain": "nowhere"}, {"kind": "mcp"}, {"status": "quarantined"}, {"words": "\x00zzz"}):
        assert browser.get(address, nothing).context["page"].items == []
    old = Release.objects.get()
    newer = Release.objects.create(domain=old.domain, number=2, digest="n" * 64, pack_text="", pack=old.pack)
    Tool.objects.create(release=newer, name="alone", description="d", parameters={}, effect="read")
    assert [tool.name for tool in browser.get(address).context["page"].items] == ["alone"]


def test_tools_of_the_users_side_are_told_apart(browser_of: BrowserOf) -> None:
    install("phone_support")
    browser = browser_of(Role.OPERATOR)
    listed = browser.get(reverse("catalogue:tools"), {"side": "user"})
    assert [tool.name for tool in listed.context["page"].items] == sorted(starter_pack("phone_support").user_tools)
    assert "user&#x27;s side" in listed.content.decode() or "user's side" in listed.content.decode()
    page = browser.get(reverse("catalogue:tool", args=["phone_support", "restart_phone"])).content.decode()
    assert "Please restart your phone now." in page
    assert "learns from the user" in page
    tried = browser.get(reverse("console:tool", args=["phone_support", "restart_phone"])).content.decode()
    assert "first person of the world" in tried


def test_ten_thousand_tools_come_in_pages_with_as_many_queries(browser_of: BrowserOf) -> None:
    install()
    browser, address = browser_of(Role.VIEWER), reverse("catalogue:tools")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    release = Release.objects.get()
    Tool.objects.bulk_create(
        (Tool(release=release, name=f"tool_{n:05}", description="d", parameters={}, effect="read") for n in range(10_000)), batch_size=2000
    )
    started = time.monotonic()
    with CaptureQueriesContext(connection) as many:
        page = browser.get(address).context["page"]
    assert time.monotonic() - started < 2
    assert len(many) == len(few) and len(page.items) == 50
    following = browser.get(address, {"after": page.next}).context["page"].items
    assert not {tool.pk for tool in page.items} & {tool.pk for tool in following} and following[0].name >= page.items[-1].name


def test_a_tool_shows_how_episodes_used_it_and_offers_to_try_it(browser_of: BrowserOf) -> None:
    episode = an_episode()
    append(episode, says("agent", "One moment.", call(NAME, "c1", phone="555-0199")))
    append(episode, {"kind": "tool_result", "call_id": "c1", "payload": {"error": {"code": "not_found", "message": "No."}}})
    tool_uses_count(used={episode.pk: [ToolCalls(starter_pack("vet_clinic").digest, NAME, 1, {"not_found": 1})]})
    page = browser_of(Role.AUTHOR).get(reverse("catalogue:tool", args=["vet_clinic", NAME])).content.decode()
    link = reverse("console:tool", args=["vet_clinic", NAME])
    assert f'class="button primary" href="{link}"' in page
    assert "0.0 %" in page and "not_found" in page
    assert f"{link}?fill=past:{episode.pk}:c1" in page
    filled = browser_of(Role.AUTHOR).get(f"{link}?fill=past:{episode.pk}:c1")
    assert filled.context["form"].fields[0].value == "555-0199"
    assert link not in browser_of(Role.VIEWER).get(reverse("catalogue:tool", args=["vet_clinic", NAME])).content.decode()


def test_relations_are_shown_from_both_ends_with_the_tools_in_common(browser_of: BrowserOf) -> None:
    install("vet_clinic", "hotel_desk")
    clinic, hotel = Domain.objects.get(slug="vet_clinic"), Domain.objects.get(slug="hotel_desk")
    DomainRelation.objects.create(domain=clinic, other=hotel, kind="hands_over_to", note="Guests with dogs.")
    Tool.objects.create(release=hotel.releases.get(), name=NAME, description="d", parameters={}, effect="read")
    browser = browser_of(Role.VIEWER)
    here = browser.get(reverse("catalogue:relations", args=["vet_clinic"])).content.decode()
    there = browser.get(reverse("catalogue:relations", args=["hotel_desk"])).content.decode()
    assert "hands over to" in here and "Guests with dogs." in here and hotel.name in here and NAME in here
    assert "is handed over to by" in there and clinic.name in there


def test_the_index_draws_the_tree_and_finds_tools_and_intents(browser_of: BrowserOf) -> None:
    install()
    Release.objects.update(audit={"intents": {"move_visit": {}}})
    Domain.objects.create(slug="other", name="Other", category="health/people", pack_text="")
    browser, address = browser_of(Role.VIEWER), reverse("catalogue:index")
    [health] = browser.get(address).context["tree"]
    assert (health.name, health.domains) == ("health", 2)
    assert [(twig.path, twig.domains) for twig in health.branches] == [("health/animals", 1), ("health/people", 1)]
    page = browser.get(address, {"words": "move visit"})
    assert [tool.name for tool in page.context["tools"]] == ["move_visit"]
    assert [name for _domain, name in page.context["intents"]] == ["move_visit"]


def test_the_world_is_shown_by_table_with_references_and_filters(browser_of: BrowserOf) -> None:
    install()
    browser, address = browser_of(Role.VIEWER), reverse("catalogue:world", args=["vet_clinic"])
    page = browser.get(address, {"table": "pets"})
    _changed, cells = page.context["grid"][0]
    [owner] = [url for _text, url in cells if "table=owners" in url]
    followed = browser.get(owner)
    assert len(followed.context["grid"]) == 1
    name = followed.context["grid"][0][1][1][0]
    found = browser.get(address, {"table": "owners", "words": name, "column": "name"})
    assert 1 <= len(found.context["grid"]) < 5
    assert browser.get(address, {"table": "owners", "words": "no such words"}).context["grid"] == []
    assert browser.get(address, {"seed": "2"}).context["grid"] != browser.get(address).context["grid"]
    assert browser.get(address, {"table": "nothing", "seed": "9" * 40, "after": "x", "words": "\x00"}).status_code == 200
    seen: list[str] = []
    query = {"table": "slots"}
    while True:
        shown = browser.get(address, query)
        seen += [cells[0][0] for _changed, cells in shown.context["grid"]]
        if not shown.context["next"]:
            break
        query["after"] = shown.context["next"]
    assert len(seen) == len(set(seen)) == shown.context["total"]


def test_ones_own_copy_shows_what_one_changed(browser_of: BrowserOf) -> None:
    install()
    browser = browser_of(Role.AUTHOR)
    form = browser.get(reverse("console:tool", args=["vet_clinic", "move_visit"]), {"fill": "gold:move_visit"}).context["form"]
    browser.post(reverse("console:tool", args=["vet_clinic", "move_visit"]), {f"arg.{f.name}": f.value for f in form.fields})
    address = reverse("catalogue:world", args=["vet_clinic"])
    mine = browser.get(address, {"table": "visits", "mine": "1"})
    assert {name: changed for name, _rows, changed, _url, _current in mine.context["tables"]}["visits"] == 1
    seeded = browser.get(address, {"table": "visits"})
    assert not any(changed for _name, _rows, changed, _url, _current in seeded.context["tables"])
