"""Members: who comes, in which role, who goes."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from studio.models import Membership, Role
from tests.people import PASSWORD, signed_in

MEMBERS = "/settings/members/"


def test_inviting_shows_a_link_once_that_works(owner: User) -> None:
    client = signed_in(owner)
    response = client.post(MEMBERS, {"username": "erin", "name": "Erin", "role": "author"})
    assert "no-store" in response.headers["Cache-Control"]
    link = re.search(r'value="http://testserver(/sign-in/[^"]+)"', response.content.decode())
    assert link
    assert link[1] not in client.get(MEMBERS).content.decode()
    guest = Client()
    assert guest.post(link[1], {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert guest.get("/settings/profile/").status_code == 200
    assert Membership.objects.get(user__username="erin").role == Role.AUTHOR


@pytest.mark.parametrize(
    "data", [{"username": "owner", "role": "viewer"}, {"username": "", "role": "viewer"}, {"username": "x", "role": "king"}]
)
def test_an_unfit_invitation_says_why(owner: User, data: dict[str, str]) -> None:
    response = signed_in(owner).post(MEMBERS, data)
    assert response.status_code == 422
    assert b"errorlist" in response.content
    assert Membership.objects.count() == 5


def test_roles_are_changed(people: dict[Role, User]) -> None:
    client, viewer = signed_in(people[Role.OWNER]), people[Role.VIEWER]
    response = client.post(reverse("settings:member_role", args=[viewer.pk]), {"role": "operator"}, follow=True)
    assert b"is now" in response.content
    assert Membership.objects.get(user=viewer).role == Role.OPERATOR
    assert client.post(reverse("settings:member_role", args=[viewer.pk]), {"role": "king"}).status_code == 404


def test_a_removed_member_is_out_at_once(people: dict[Role, User]) -> None:
    viewer = signed_in(people[Role.VIEWER])
    assert viewer.get("/settings/profile/").status_code == 200
    signed_in(people[Role.OWNER]).post(reverse("settings:member_remove", args=[people[Role.VIEWER].pk]))
    assert viewer.get("/settings/profile/").status_code == 302


def test_the_last_owner_cannot_be_changed(owner: User) -> None:
    client = signed_in(owner)
    for url, data in (("settings:member_role", {"role": "viewer"}), ("settings:member_remove", {})):
        response = client.post(reverse(url, args=[owner.pk]), data, follow=True)
        assert b"needs an owner" in response.content
    assert Membership.objects.get(user=owner).role == Role.OWNER


@pytest.mark.parametrize("name", ["settings:member_role", "settings:member_remove", "settings:member_link"])
def test_nobody_is_not_there(owner: User, stranger: User, name: str) -> None:
    client = signed_in(owner)
    assert client.post(reverse(name, args=[987654]), {"role": "viewer"}).status_code == 404
    assert client.post(reverse(name, args=[stranger.pk]), {"role": "viewer"}).status_code == 404
    assert client.get(reverse(name, args=[owner.pk])).status_code == 405


def test_a_lost_link_is_replaced(people: dict[Role, User]) -> None:
    response = signed_in(people[Role.OWNER]).post(reverse("settings:member_link", args=[people[Role.VIEWER].pk]))
    assert b"/sign-in/" in response.content


def test_many_members_come_in_pages_and_cost_the_same(owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    users = User.objects.bulk_create(User(username=f"member{number:03}") for number in range(120))
    Membership.objects.bulk_create(Membership(user=user, role=Role.VIEWER) for user in users)
    client, names = signed_in(owner), []
    url: str | None = MEMBERS
    while url:
        with django_assert_num_queries(4):
            page = client.get(url).content.decode()
        names += re.findall(r'<th scope="row">(\w+)', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = MEMBERS + following[1] if following else None
    assert names == [*(role.value for role in Role), *(f"member{number:03}" for number in range(120))]


def test_only_owners(browser_of: Callable[[Role], Client], stranger: User) -> None:
    assert [role for role in Role if browser_of(role).get(MEMBERS).status_code == 200] == [Role.OWNER]
    assert signed_in(stranger).get(MEMBERS).status_code == 404
    assert Client().get(MEMBERS).status_code == 302
