"""What schemathesis makes up from the OpenAPI description, as each role: never a 5xx, and no answer that the description does not have.

``STUDIO_SCHEMA_CASES`` says how many cases each role sends; the usual number keeps the suite quick. The long run: studio/api/README.md.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from studio.api.docs import openapi
from studio.models import Role
from tests.studio.api.conftest import Caller

CASES = int(os.environ.get("STUDIO_SCHEMA_CASES", "40"))
MOST_EPISODES = 20
"""Runs that are started for nothing stay small."""
PROMISES: Any = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_description_is_openapi_3_1() -> None:
    document = openapi()
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) >= 20
    ids = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.fixture
def open_database() -> Iterator[None]:
    """A request through WSGI would close the connection in whose transaction the test lives; Django's own client does the same."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def cases(places: dict[str, Any], app: Any) -> Any:
    """Cases of every operation, with values that fit and values that do not; half of them about things that are there."""
    schema = schemathesis.openapi.from_dict(openapi())
    schema.app = app
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

    def real(case: Any, known: bool) -> Any:
        if known and case.path_parameters:
            area = case.path.removeprefix("/api/v1/").split("/")[0].removesuffix("s")
            case.path_parameters = {name: places.get(name, places.get(area)) for name in case.path_parameters}
        body = case.body
        if isinstance(body, dict) and isinstance(body.get("episodes"), int) and body["episodes"] > MOST_EPISODES:
            body["episodes"] = MOST_EPISODES
        return case

    each = [operation.as_strategy(mode) for operation in operations for mode in modes if _can(operation, mode)]
    return st.builds(real, st.one_of(each), st.booleans())


def _can(operation: Any, mode: GenerationMode) -> bool:
    """A call that takes nothing can be given nothing wrong."""
    takes = any(len(part) for part in (operation.path_parameters, operation.query, operation.headers, operation.body))
    return mode is GenerationMode.POSITIVE or takes


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.usefixtures("open_database")
def test_no_call_fails(role: Role, caller: Callable[..., Caller], places: dict[str, Any]) -> None:
    headers = caller(role).headers
    seen: dict[int, int] = {}
    health = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

    @settings(max_examples=CASES, deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=health)
    @given(case=cases(places, get_wsgi_application()))
    def call(case: Any) -> None:
        response = case.call(headers=headers)
        seen[response.status_code] = seen.get(response.status_code, 0) + 1
        case.validate_response(response, checks=PROMISES)

    call()
    print(role, dict(sorted(seen.items())))
    assert sum(seen.values()) >= CASES
    assert not any(status >= 500 for status in seen)
