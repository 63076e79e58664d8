"""The frame of pages: navigation, security headers, error pages, static files."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from studio.access.table import TABLE
from studio.models import Role
from studio.web.areas import AREAS, Tab, navigation, tabs
from studio.web.charts import shares
from studio.web.errors import bad_request, failed
from tests.people import signed_in


def csp(response: object) -> dict[str, str]:
    """The directives of a response."""
    header: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


def test_pages_allow_nothing_inline_or_foreign(db: None) -> None:
    directives = csp(Client().get(reverse("access:sign_in")))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "img-src", "connect-src", "form-action")} == {"'self'"}
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(directives)


@pytest.mark.parametrize("path", ["/sign-in/", "/no-such-page", "/", "/static/no-such-file"])
def test_every_answer_carries_the_headers(db: None, path: str) -> None:
    headers = Client().get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "private" in headers["Cache-Control"]
    assert "HX-Request" in headers["Vary"]


def test_people_see_the_areas_of_their_role(browser_of: Callable[[Role], Client]) -> None:
    for role in Role:
        response = browser_of(role).get(reverse("settings:profile"))
        shown = {entry.name for entry in response.context["nav"]}
        ways = {area.name: {area.action} | ({area.instead.action} if area.instead else set()) for area in AREAS}
        allowed = {name for name, actions in ways.items() if any(role in TABLE[action] for action in actions)}
        assert shown == allowed
        assert [entry.name for entry in response.context["nav"] if entry.current] == ["settings"]


def test_the_frame_costs_three_queries(owner: User, django_assert_num_queries: Callable[[int], object]) -> None:
    """Session, person, role."""
    client = signed_in(owner)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        client.get(reverse("settings:profile"))


def test_tabs_know_where_one_is(owner: User) -> None:
    pages = (Tab("settings:index", "All", "profile.edit"), Tab("settings:members", "Members", "members.manage"))
    request = RequestFactory().get("/settings/members/7/")
    request.user = owner
    assert [entry.current for entry in tabs(request, pages)] == [False, True]


def test_nobody_gets_no_navigation() -> None:
    assert navigation(SimpleNamespace(resolver_match=None)) == []  # type: ignore[arg-type]


def test_what_is_not_there_says_so(db: None) -> None:
    response = Client().get("/no-such-page")
    assert response.status_code == 404
    assert b"Nothing here" in response.content


def test_a_failure_needs_nothing() -> None:
    """The page for 500 is drawn without a database and without a request."""
    response = failed(HttpRequest())
    assert response.status_code == 500
    assert b"Something went wrong" in response.content
    assert bad_request(HttpRequest()).status_code == 400


def test_a_form_without_its_proof_is_refused_with_a_page(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[1])
    response = client.post(reverse("settings:rename"), {"name": "x"})
    assert response.status_code == 403
    assert b"out of date" in response.content


def test_static_files_have_a_version_and_are_kept_for_good() -> None:
    client = Client()
    url = f"{settings.STATIC_URL}css/base.css"
    response = client.get(url)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Type"].startswith("text/css")
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert "Access-Control-Allow-Origin" not in response.headers
    assert client.get(url, headers={"if-none-match": response.headers["ETag"]}).status_code == 304


def test_files_of_another_version_are_served_but_not_kept() -> None:
    response = Client().get("/static/0123456789ab/css/base.css")
    assert response.status_code == 200
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["../manage.py", "css/../../manage.py", "%2e%2e/manage.py", "css/", "no-such.css"])
def test_nothing_else_is_served(path: str) -> None:
    assert Client().get(f"{settings.STATIC_URL}{path}").status_code == 404


def test_a_split_bar_adds_up() -> None:
    found = shares([("done", 30, "good", "/x"), ("none", 0, "", ""), ("failed", 10, "bad", "")])
    assert [(share.label, share.x, share.width) for share in found] == [("done", "0.000", "75.000"), ("failed", "75.000", "25.000")]
    assert shares([("none", 0, "", "")]) == []


def test_hostile_labels_are_escaped_in_every_part() -> None:
    evil = "<script>alert(1)</script>\u202e"
    parts: dict[str, dict[str, Any]] = {
        "empty": {"title": evil, "text": evil, "url": "/x", "action": evil},
        "badge": {"kind": "good", "text": evil, "title": evil},
        "progress": {"label": evil, "value": 1, "max": 2, "note": evil},
        "table": {"caption": evil, "columns": [(evil, "num")], "rows": [[evil]]},
        "crumbs": {"crumbs": [(evil, "/x")]},
        "split": {"label": evil, "shares": shares([(evil, 1, "good", "/x")])},
        "secret": {"id": "x", "label": evil, "secret": evil},
        "tabs": {"tabs": [SimpleNamespace(label=evil, url="/x", current=True, number=3)]},
        "confirm": {"id": "x", "button": evil, "title": evil, "text": evil, "url": "/x", "confirm": evil, "fields": {evil: evil}},
    }
    for name, context in parts.items():
        html = render_to_string(f"parts/{name}.html", context)
        assert "&lt;script&gt;" in html, name
        assert "<script" not in html, name
