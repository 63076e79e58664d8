"""Who may call what: every address and method of the URL configuration, for each role, each scope, strangers and nobody."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from studio.access.scopes import SCOPES
from studio.access.table import TABLE
from studio.access.tokens import token_create, token_revoke
from studio.api.reviews import OneReview
from studio.api.urls import RESOURCES
from studio.models import Membership, Role
from tests.people import make_person, signed_in
from tests.studio.api.conftest import Caller
from tests.studio.api.things import path_of

CALLS = [(pattern, method, view) for pattern, view in RESOURCES for method in ("GET", "POST") if hasattr(view, method.lower())]
BODIES: dict[str, dict[str, Any]] = {"runs/": {"episodes": 1, "domains": ["vet_clinic"], "variations": ["plain"]}, "exports/": {}}
BODIES["tools/<id:tool_id>/call/"] = {"arguments": {}}
IDS = [f"{method} {pattern}" for pattern, method, _ in CALLS]


def tried(caller: Caller, pattern: str, method: str, places: dict[str, Any]) -> int:
    """The status, with all that the call changed undone."""
    with transaction.atomic():
        path = path_of(pattern, places)
        body = BODIES.get(pattern)
        status = (caller.get(path) if method == "GET" else caller.post(path, body)).status_code
        transaction.set_rollback(True)
    return int(status)


@pytest.mark.parametrize(("pattern", "method", "view"), CALLS, ids=IDS)
def test_every_role(pattern: str, method: str, view: Any, caller: Callable[..., Caller], places: dict[str, Any]) -> None:
    # Other people's reviews are there for those who manage reviews.
    allowed = TABLE["review.manage" if view is OneReview else view.actions[method]]
    got = {role: tried(caller(role), pattern, method, places) for role in Role}
    assert {role: status == 404 for role, status in got.items()} == {role: role not in allowed for role in Role}, got
    assert all(status < 500 and status not in {401, 403, 405} for status in got.values()), got


@pytest.mark.parametrize(("pattern", "method", "view"), CALLS, ids=IDS)
def test_every_scope(pattern: str, method: str, view: Any, caller: Callable[..., Caller], places: dict[str, Any]) -> None:
    action = view.actions[method]
    got = {scope: tried(caller(Role.OWNER, scope), pattern, method, places) == 403 for scope in SCOPES}
    assert got == {scope: action not in actions for scope, actions in SCOPES.items()}


@pytest.mark.parametrize(("pattern", "method", "view"), CALLS, ids=IDS)
def test_nobody_and_strangers(pattern: str, method: str, view: Any, places: dict[str, Any], stranger: User) -> None:
    path = path_of(pattern, places)
    response = getattr(Client(), method.lower())(path)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"
    assert tried(_without_token(stranger), pattern, method, places) == 404


def _without_token(user: User) -> Caller:
    caller = object.__new__(Caller)
    caller.user, caller.headers, caller.client = user, {}, signed_in(user)
    return caller


def test_there_is_a_call_for_every_action_it_is_about() -> None:
    used = {view.actions[method] for _, method, view in CALLS}
    assert used >= {"catalogue.view", "runs.view", "runs.start", "runs.control", "episodes.view", "judgements.view", "datasets.export"}


def secrets(user: User) -> Iterator[str]:
    """Tokens that do not hold."""
    now = timezone.now()
    row, revoked = token_create(user=user, name="a", scopes=["read"], days=7, now=now)
    token_revoke(actor=user, token=row, now=now)
    _row, expired = token_create(user=user, name="b", scopes=["read"], days=7, now=now - timedelta(days=8))
    _row, good = token_create(user=user, name="c", scopes=["read"], days=7, now=now)
    yield from (f"Bearer {revoked}", f"Bearer {expired}", f"Bearer {good[:-1]}", f"Basic {good}", "Bearer", "Bearer \x01", "Bearer é")


def test_tokens_that_do_not_hold(owner: User) -> None:
    for header in secrets(owner):
        response = Client().get("/api/v1/runs/", headers={"Authorization": header})
        assert response.status_code == 401, header
        assert response.json()["title"] == "Unauthorized"


@pytest.mark.django_db
def test_a_token_ends_with_the_membership() -> None:
    caller = Caller(make_person("gone", Role.VIEWER))
    assert caller.get("/api/v1/runs/").status_code == 200
    Membership.objects.filter(user=caller.user).delete()
    assert caller.get("/api/v1/runs/").status_code == 401


def test_a_browser_needs_its_csrf_token(people: dict[Role, User], places: dict[str, Any]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people[Role.OWNER], backend="django.contrib.auth.backends.ModelBackend")
    path = f"/api/v1/runs/{places['run_id']}/pause/"
    refused = browser.post(path)
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    browser.get("/api/docs/")
    token = browser.cookies["csrftoken"].value
    assert browser.post(path, content_type="application/json", headers={"X-CSRFToken": token}).status_code == 200
