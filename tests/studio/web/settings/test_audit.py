"""The audit trail as a page."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from studio.models import AuditEntry, Role
from tests.people import signed_in

AUDIT = "/settings/audit/"


def write(actor: User | None, count: int, action: str = "runs.start", label: str = "run") -> None:
    """Entries, oldest first, called ``label`` and their number."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=timezone.now(), actor=actor, actor_name="x", action=action, kind="run", object_id=f"{number}", label=f"{label}{number:03}"
        )
        for number in range(count)
    )


def rows(page: str) -> list[str]:
    return re.findall(r'<span>(\w+) <span class="soft">', page)


def test_the_trail_is_read_in_pages_at_the_same_cost(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    write(owner, 120)
    client, seen = signed_in(owner), []
    url: str | None = AUDIT + "?action=runs.start"
    while url:
        with django_assert_num_queries(6):
            page = client.get(url).content.decode()
        seen += rows(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = AUDIT + unescape(following[1]) if following else None
        assert url is None or "action=runs.start" in url, "the filter stays"
    assert seen == [f"run{number:03}" for number in reversed(range(120))]


def test_filters(people: dict[Role, User]) -> None:
    write(people[Role.OWNER], 1, "runs.start", "first")
    write(people[Role.AUTHOR], 1, "members.role", "second")
    client = signed_in(people[Role.OWNER])
    for query, found in {
        f"actor={people[Role.AUTHOR].pk}": ["second000"],
        "action=runs.start": ["first000"],
        "object=second000": ["second000"],
        "object=nothing": [],
        "days=1": ["second000", "first000"],
    }.items():
        assert rows(client.get(f"{AUDIT}?{query}").content.decode()) == found, query
    assert b"Nothing fits" in client.get(f"{AUDIT}?object=nothing").content


@pytest.mark.parametrize(
    "query",
    ["actor=x", "actor=99999999999999999999", "action=made.up", "days=-1", "after=x", "object=%00", "object=" + "x" * 500, "actor=%F0%28"],
)
def test_what_somebody_made_up_is_no_filter(owner: User, query: str) -> None:
    write(owner, 1)
    assert signed_in(owner).get(f"{AUDIT}?{query}").status_code == 200


def test_hostile_names_are_escaped(owner: User) -> None:
    AuditEntry.objects.create(
        at=timezone.now(), actor=owner, actor_name="<b>x", action="a.b", kind="run", object_id="<i>", label="<script>\u202e", note="<u>"
    )
    page = signed_in(owner).get(AUDIT).content.decode()
    assert not re.search(r"<(?:b|i|u)>x?|<script>", page)
    assert "U+202E" in page


def test_only_owners(browser_of: Callable[[Role], Client], stranger: User) -> None:
    assert [role for role in Role if browser_of(role).get(AUDIT).status_code == 200] == [Role.OWNER]
    assert signed_in(stranger).get(AUDIT).status_code == 404
    assert Client().get(AUDIT).status_code == 302
