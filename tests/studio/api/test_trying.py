"""Trying a tool over the REST interface: stateless, and never a fault of the studio."""

from collections.abc import Callable
from typing import Any

import pytest

from studio.models import Role, Trial
from synthesis.models import Tool
from tests.builders_runs import install
from tests.studio.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def tried(caller: Callable[..., Caller]) -> Callable[..., Any]:
    """``tried(tool, body)``: the answer."""
    install()
    ids = dict(Tool.objects.values_list("name", "pk"))
    return lambda tool, body: caller(Role.OPERATOR).post(f"/api/v1/tools/{ids[tool]}/call/", body)


def test_calls_are_made_one_after_the_other_and_nothing_is_kept(tried: Callable[..., Any]) -> None:
    body = {"seed": 3, "arguments": {"phone": "555-9999"}, "before": [{"tool": "find_owner", "arguments": {}}]}
    first, again = tried("find_owner", body).json(), tried("find_owner", body).json()
    wrong, missing = first["outcomes"]
    assert first["seed"] == 3 and wrong["error"]["code"] == "invalid_arguments" and wrong["faults"]
    assert missing["error"]["code"] == "not_found" and missing["digest"] == again["outcomes"][1]["digest"]
    assert not Trial.objects.exists()


@pytest.mark.parametrize(
    "arguments", [{"phone": 10**30}, {"phone": "x" * 40_000}, {"phone": [[[[]]]] * 3}], ids=["beyond 64 bits", "too large", "odd"]
)
def test_odd_arguments_are_refused_or_answered(tried: Callable[..., Any], arguments: dict[str, Any]) -> None:
    assert tried("find_owner", {"arguments": arguments}).status_code in {200, 400, 422}


def test_too_many_calls_are_refused(tried: Callable[..., Any]) -> None:
    before = [{"tool": "find_owner", "arguments": {}}] * 21
    assert tried("find_owner", {"arguments": {}, "before": before}).status_code == 400
