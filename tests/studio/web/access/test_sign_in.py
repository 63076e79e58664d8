"""Coming in and going out."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.access.links import link_make
from studio.access.members import member_invite
from studio.models import LinkPurpose, Role, SignInLink
from tests.people import PASSWORD, make_person, signed_in

SIGN_IN = "/sign-in/"


@pytest.fixture
def erin(db: None) -> User:
    """A member with a password."""
    return make_person("erin", Role.AUTHOR, PASSWORD)


def attempt(client: Client, name: str, password: str, target: str = "", address: str = "192.0.2.1") -> int:
    """A sign-in; the status."""
    data = {"username": name, "password": password, "next": target}
    return client.post(SIGN_IN, data, REMOTE_ADDR=address).status_code


def is_in(client: Client) -> bool:
    return client.get(reverse("settings:profile")).status_code == 200


def test_a_password_opens_the_studio(erin: User) -> None:
    client = Client()
    response = client.post(SIGN_IN, {"username": "erin", "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_in(client)


@pytest.mark.parametrize(
    ("name", "password"), [("erin", "wrong"), ("nobody", PASSWORD), ("erin", ""), ("", PASSWORD), ("erin\x00", "x\x00")]
)
def test_nothing_else_does_and_all_look_the_same(erin: User, name: str, password: str) -> None:
    client = Client()
    assert attempt(client, name, password) == 422
    assert not is_in(client)


def test_strangers_and_removed_members_stay_out(erin: User) -> None:
    make_person("stranger", None, PASSWORD)
    erin.is_active = False
    erin.save()
    for name in ("stranger", "erin"):
        client = Client()
        assert attempt(client, name, PASSWORD) == 422
        assert not is_in(client)


def test_a_wrong_password_is_not_shown_again(erin: User) -> None:
    page = Client().post(SIGN_IN, {"username": "erin", "password": "my-secret-typo"}).content
    assert b"my-secret-typo" not in page
    assert b"do not belong together" in page


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/settings/tokens/", "/settings/tokens/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_the_page_one_wanted(erin: User, target: str, place: str) -> None:
    response = Client().post(SIGN_IN, {"username": "erin", "password": PASSWORD, "next": target})
    assert response.headers["Location"] == place


def test_pages_send_people_to_sign_in_and_back(db: None) -> None:
    response = Client().get("/settings/audit/?days=7")
    assert response.headers["Location"] == "/sign-in/?next=%2Fsettings%2Faudit%2F%3Fdays%3D7"


def test_a_fragment_sends_the_whole_page(db: None) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/audit/?days=7"}
    response = Client().get("/settings/audit/", headers=asked)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/sign-in/?next=%2Fsettings%2Faudit%2F%3Fdays%3D7")


def test_whoever_is_in_need_not_sign_in(erin: User) -> None:
    assert signed_in(erin).get(SIGN_IN).headers["Location"] == "/"


def test_five_failures_close_the_door_for_a_while(erin: User) -> None:
    client = Client()
    assert [attempt(client, "erin", "wrong") for _ in range(5)] == [422, 422, 422, 422, 429]
    assert attempt(client, "erin", PASSWORD) == 429, "even the right password"
    assert attempt(Client(), "erin", PASSWORD, address="192.0.2.2") == 302, "elsewhere the owner of the name still gets in"
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert attempt(client, "erin", PASSWORD) == 302


def test_a_forged_address_does_not_help(erin: User) -> None:
    client = Client()
    for number in range(6):
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        status = client.post(SIGN_IN, {"username": "erin", "password": "wrong"}, headers=headers, REMOTE_ADDR="192.0.2.1").status_code
    assert status == 429


def test_the_locked_page_says_how_long(erin: User) -> None:
    client = Client()
    for _ in range(5):
        response = client.post(SIGN_IN, {"username": "erin", "password": "wrong"})
    assert b"15 minutes" in response.content


def test_a_success_forgets_failures(erin: User) -> None:
    for _ in range(3):
        assert [attempt(Client(), "erin", "wrong") for _ in range(3)] == [422] * 3
        assert attempt(Client(), "erin", PASSWORD) == 302


def test_signing_out_needs_a_post(erin: User) -> None:
    client = signed_in(erin)
    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out/").headers["Location"] == SIGN_IN
    assert not is_in(client)


def test_an_invitation_asks_for_a_password_and_opens(owner: User) -> None:
    user, secret = member_invite(actor=owner, username="frank", name="", role=Role.VIEWER, now=timezone.now())
    client, url = Client(), reverse("access:link", args=[secret])
    page = client.get(url)
    assert b"frank" in page.content
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert not is_in(client), "looking at a link does not use it"
    assert client.post(url, {"password": "", "again": ""}).status_code == 422
    assert client.post(url, {"password": "12345678901", "again": "12345678901"}).status_code == 422
    assert client.post(url, {"password": PASSWORD, "again": PASSWORD + "x"}).status_code == 422
    assert client.post(url, {"password": PASSWORD, "again": PASSWORD}).headers["Location"] == "/"
    assert is_in(client)
    assert Client().get(url).status_code == 404
    assert Client().post(url, {"password": "another long one", "again": "another long one"}).status_code == 404
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.last_login


def test_the_first_owner_needs_one_click(owner: User) -> None:
    secret = link_make(user=owner, purpose=LinkPurpose.FIRST_OWNER, actor=None, now=timezone.now())
    client = Client()
    assert client.post(reverse("access:link", args=[secret])).headers["Location"] == "/"
    assert is_in(client)


def test_a_link_lets_in_whoever_is_locked_out(erin: User) -> None:
    client = Client()
    for _ in range(6):
        attempt(client, "erin", "wrong")
    secret = link_make(user=erin, purpose=LinkPurpose.RECOVERY, actor=None, now=timezone.now())
    assert client.post(reverse("access:link", args=[secret]), {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert is_in(client)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "한글", "..%2F"])
def test_made_up_links(token: str) -> None:
    response = Client().get(f"/sign-in/{token}/")
    assert response.status_code == 404
    assert not SignInLink.objects.exists()


def test_the_look_is_kept_in_cookies(db: None) -> None:
    client = Client()
    response = client.post("/appearance/", {"theme": "dark", "language": "ko", "next": "/sign-in/"})
    assert response.headers["Location"] == "/sign-in/"
    page = client.get(SIGN_IN).content
    assert b'data-theme="dark"' in page
    assert b'lang="ko"' in page


def test_only_what_there_is_can_be_chosen(db: None) -> None:
    response = Client().post("/appearance/", {"theme": "<script>", "language": "xx", "next": "//evil.example"})
    assert not response.cookies
    assert response.headers["Location"] == "/"
    client = Client()
    client.cookies["theme"] = '"><script>'
    assert b'data-theme="auto"' in client.get(SIGN_IN).content
