"""Tools of a draft in forms: only the tool's own part of the text changes."""

import json
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studio.models import AuditEntry, Role
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.packs.yaml_text import load
from synthesis.models import Domain
from tests.builders_runs import PACKS, pack_text
from tests.packs import tool_shed_text
from tests.people import signed_in

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
HOSTILE = "<script>alert(1)</script>\u202e\"'</textarea>"


def domain_of(text: str) -> Domain:
    return Domain.objects.create(slug="shed", name="Shed", category="c", pack_text=text)


def at(page: str, *more: object) -> str:
    return reverse(f"authoring:{page}", args=["shed", *more])


class Form(HTMLParser):
    """What a browser would post from the first form with a base."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.data: dict[str, str] = {}
        self.area = self.select = ""
        self.text: list[str] = []
        start = html.index('<form method="post" enctype="multipart/form-data" class="stack tool-form"')
        self.feed(html[start : html.index("</form>", start)])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.data[name] = found.get("value") or ("on" if found.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.area, self.text = name, []
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in found:
            self.data[self.select] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_entityref(self, name: str) -> None:
        self.text.append(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.text.append(unescape(f"&#{name};"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.data[self.area] = "".join(self.text).removeprefix("\n").replace("\n", "\r\n")


def form(browser: Client, name: str, **query: str) -> dict[str, str]:
    return Form(browser.get(at("tool", name) if name else at("tool_new"), query).content.decode()).data


def test_strangers_and_what_is_not_there(client: Client, stranger: User, browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    for url in (at("tools"), at("tool_new"), at("tool", "find_member")):
        assert client.get(url).status_code == 302
        assert signed_in(stranger).get(url).status_code == 404
    assert browser_of(Role.AUTHOR).get(at("tool", "nothing")).status_code == 404


@pytest.mark.parametrize("slug", sorted(path.stem for path in PACKS.glob("*.yaml")))
def test_saving_a_starter_tool_unchanged_changes_no_byte(browser_of: BrowserOf, slug: str) -> None:
    domain_of(pack_text(slug))
    browser = browser_of(Role.AUTHOR)
    tools = list(parse_pack(pack_text(slug)).tools)
    for name in (tools[0], tools[-1]):
        for view in ("form", "document"):
            data = form(browser, name, view=view)
            assert data["view"] == view
            assert browser.post(at("tool", name), data).status_code == 302
    domain = Domain.objects.get()
    assert (domain.pack_text, domain.version) == (pack_text(slug), 1)


def test_a_description_is_changed_and_nothing_else(browser_of: BrowserOf) -> None:
    domain_of("# mine\n" + tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "find_member") | {"description": "Find a member, quickly: by card."}
    answer = browser.post(at("tool", "find_member"), data)
    assert answer.status_code == 302
    old = "    description: Find a member by the six digits of the card.\n"
    wanted = ("# mine\n" + tool_shed_text()).replace(old, '    description: "Find a member, quickly: by card."\n')
    assert Domain.objects.get().pack_text == wanted
    assert AuditEntry.objects.get().note == "tool find_member"


def test_rows_are_added_and_the_tool_is_renamed(browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "find_member") | {"name": "seek_member", "p-1-name": "pin", "p-1-kind": '"integer"', "p-1-required": "on"}
    more = browser.post(at("tool", "find_member"), data | {"to": "form"})
    assert more.status_code == 200 and 'name="p-2-name"' in more.content.decode()
    assert Domain.objects.get().version == 1, "another row saves nothing"
    answer = browser.post(at("tool", "find_member"), data)
    assert answer["Location"] == at("tool", "seek_member")
    tool = load(Domain.objects.get().pack_text).data["tools"][0]
    assert tool["parameters"]["properties"]["pin"] == {"type": "integer"}
    assert tool["parameters"]["required"] == ["card", "pin"]
    assert tool["parameters"]["properties"]["card"]["pattern"] == "^[0-9]{6}$", "what the form cannot express stays"


def test_views_are_changed_without_saving_and_without_loss(browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "find_member") | {"description": "Half-written words", "to": "document"}
    document = Form(browser.post(at("tool", "find_member"), data).content.decode()).data
    assert json.loads(document["document"])["description"] == "Half-written words"
    changed = json.loads(document["document"])
    changed["parameters"]["properties"]["card"] = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    back = browser.post(at("tool", "find_member"), document | {"document": json.dumps(changed), "to": "form"}).content.decode()
    assert "oneOf" in back and "Kept as it is" in back and "Half-written words" in back
    assert Domain.objects.get().version == 1
    browser.post(at("tool", "find_member"), Form(back).data)
    tool = load(Domain.objects.get().pack_text).data["tools"][0]
    assert tool["description"] == "Half-written words"
    assert tool["parameters"]["properties"]["card"] == {"oneOf": [{"type": "string"}, {"type": "integer"}]}


def test_add_duplicate_and_remove(browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "") | {"name": "brand_new", "description": "Something quite new."}
    assert browser.post(at("tool_new"), data)["Location"] == at("tool", "brand_new")
    assert browser.post(at("tool_copy", "find_member"), {"version": 2})["Location"] == at("tool", "find_member_copy")
    names = [tool["name"] for tool in load(Domain.objects.get().pack_text).data["tools"]]
    assert names[:2] == ["find_member", "find_member_copy"] and names[-1] == "brand_new"
    for version, name in enumerate(("brand_new", "find_member_copy"), start=3):
        browser.post(at("tool_remove", name), {"version": version})
    assert Domain.objects.get().pack_text == tool_shed_text()


def test_a_taken_name_and_bad_values_are_told_and_keep_what_was_typed(browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "find_member")
    for change, words in (
        ({"name": "pay_fee"}, "Another tool is called pay_fee"),
        ({"name": "Pay Fee"}, "Use small letters"),
        ({"returns": "{oops"}, "This is not JSON"),
        ({"e-0-example": "[1]"}, "Write a JSON object"),
    ):
        answer = browser.post(at("tool", "find_member"), data | {"description": "Typed words"} | change)
        page = answer.content.decode()
        assert answer.status_code == 422 and words in page and "Typed words" in page
    assert Domain.objects.get().version == 1


def test_a_draft_that_moved_on_loses_nothing(browser_of: BrowserOf) -> None:
    domain_of(tool_shed_text())
    browser = browser_of(Role.AUTHOR)
    data = form(browser, "find_member") | {"description": "Typed in the meantime"}
    Domain.objects.update(pack_text=tool_shed_text().replace("name: Tool shed", "name: Other shed"), version=2)
    answer = browser.post(at("tool", "find_member"), data)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Typed in the meantime" in page
    assert browser.post(at("tool", "find_member"), Form(page).data).status_code == 302
    text = Domain.objects.get().pack_text
    assert "name: Other shed" in text and "Typed in the meantime" in text


def test_a_draft_that_cannot_be_read_leads_to_its_text(browser_of: BrowserOf) -> None:
    domain_of("tools: [")
    browser = browser_of(Role.AUTHOR)
    assert "cannot be read yet" in browser.get(at("tools")).content.decode()
    assert browser.get(at("tool", "x")).status_code == 302
    assert browser.post(at("tool_remove", "x"), {"version": 1}).status_code == 302


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "x", "description": HOSTILE, "parameters": {"properties": {HOSTILE: {"description": HOSTILE, "enum": [HOSTILE]}}}},
        {"name": "x", "errors": [{"code": HOSTILE, "when": HOSTILE, "example": {HOSTILE: HOSTILE}}], "parameters": {}, "program": HOSTILE},
        {"name": "x", "effect": HOSTILE, "parameters": HOSTILE},
        {"name": HOSTILE, "description": 5},
    ],
    ids=range(4),
)
def test_hostile_tools_are_shown_escaped(browser_of: BrowserOf, tool: dict[str, Any]) -> None:
    domain_of(json.dumps({"tools": [tool]}, ensure_ascii=False))
    browser = browser_of(Role.AUTHOR)
    for url in (at("tools"), *([at("tool", "x"), at("tool", "x") + "?view=document"] if tool["name"] == "x" else [])):
        answer = browser.get(url)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
