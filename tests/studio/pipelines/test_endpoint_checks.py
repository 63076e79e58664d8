"""Self-checks: what a worker finds at a fake endpoint, what is kept of it, and what becomes of those that nobody finished."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.models import AuditEntry, Role
from studio.pipelines import endpoints as pipeline
from studio.pipelines.endpoints import check_ask, check_run, checks_ask_again, endpoint_save
from synthesis.models import EndpointCheck, ModelEndpoint, ModelUsage
from synthesis.selectors import endpoints
from synthesis.services.endpoint_checks import endpoint_check_take
from synthesis.services.endpoints import EndpointRefused, endpoint_delete, facts_of
from tests.builders_endpoints import FACTS, KEY, an_endpoint
from tests.fakes.model_server.http import port_of
from tests.fakes.model_server.server import FakeProvider
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def talented(body: dict[str, Any]) -> dict[str, Any]:
    """An endpoint that can do everything."""
    text = json.dumps(body["messages"])
    if body.get("tools"):
        keys = ["A-1", "B-2"] if "B-2" in text else ["A-1"]
        calls = [
            {"id": f"c{key}", "type": "function", "function": {"name": "look_up", "arguments": json.dumps({"key": key})}} for key in keys
        ]
        return {"tool_calls": calls}
    if "letters" in text:
        return {"content": '{"name": "Oslo", "letters": 4}'}
    return {"content": "one two three four five six seven eight"}


def plain(_body: dict[str, Any]) -> dict[str, Any]:
    """An endpoint that writes text, whatever is asked."""
    return {"content": "Certainly! I would be happy to help."}


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fake endpoint in a thread of its own, since a check has its own event loop."""
    ready, over, found = threading.Event(), asyncio.Event(), list[Any]()

    async def serve() -> None:
        server = await FakeProvider(request.param).start()
        found.extend([f"http://127.0.0.1:{port_of(server)}/v1", asyncio.get_running_loop()])
        ready.set()
        await over.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield found[0]
    found[1].call_soon_threadsafe(over.set)
    thread.join(10)


@pytest.fixture
def operator(db: None) -> User:
    """Who keeps endpoints."""
    return make_person("operator", Role.OPERATOR)


def checked(operator: User, row: ModelEndpoint) -> dict[str, str]:
    """What a check of an endpoint finds, by question."""
    job = check_ask(actor=operator, endpoint=row)
    assert check_run(check_id=job.pk) == "done"
    job.refresh_from_db()
    return {finding["name"]: f"{finding['works']} {finding['code']}".strip() for finding in job.findings}


@pytest.mark.parametrize("url", [talented], indirect=True)
def test_what_works_is_found_and_kept(url: str, operator: User) -> None:
    found = checked(operator, an_endpoint(base_url=url, provider="vllm"))
    embeddings = found.pop("embeddings")
    assert found == {
        "plain": "yes",
        "finish": "yes",
        "usage": "yes",
        "stream": "yes",
        "tool": "yes",
        "parallel": "yes",
        "schema": "yes by_json_schema",
    }
    assert embeddings in {"yes", "no not_offered"}
    row = ModelEndpoint.objects.get()
    assert row.checked is not None
    assert {finding["name"] for finding in row.checked["findings"]} == {*found, "embeddings"}
    usage = ModelUsage.objects.get()
    assert (usage.role, usage.calls) == ("check", 6)
    assert usage.cost == 1 * usage.prompt_tokens + 4 * usage.completion_tokens > 0
    endpoint_delete(slug=row.slug)  # a check alone keeps nothing from being removed


@pytest.mark.parametrize("url", [plain], indirect=True)
def test_what_does_not_work_is_told_apart(url: str, operator: User) -> None:
    found = checked(operator, an_endpoint(base_url=url))
    assert found["plain"] == "yes"
    assert (found["tool"], found["parallel"]) == ("no no_call", "no no_call")
    assert found["schema"] == "no unusable"


def test_where_nobody_is_the_rest_stays_unasked(operator: User) -> None:
    found = checked(operator, an_endpoint(base_url="http://127.0.0.1:9/v1"))
    assert found.pop("plain") == "no unreachable"
    assert set(found.values()) == {"unasked"}
    assert ModelUsage.objects.get().failures == 1


@pytest.mark.parametrize("url", [talented], indirect=True)
def test_a_check_of_what_was_changed_meanwhile_is_not_kept_at_the_endpoint(
    url: str, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = an_endpoint(base_url=url)
    job = check_ask(actor=operator, endpoint=row)
    counted = pipeline._count

    def changed(*given: Any) -> None:
        counted(*given)
        ModelEndpoint.objects.update(model="another")

    monkeypatch.setattr(pipeline, "_count", changed)
    assert check_run(check_id=job.pk) == "done"
    assert ModelEndpoint.objects.get().checked is None


def test_asking_twice_is_one_check_and_a_late_message_does_nothing(operator: User) -> None:
    row = an_endpoint(base_url="http://127.0.0.1:9/v1")
    first, second = check_ask(actor=operator, endpoint=row), check_ask(actor=operator, endpoint=row)
    assert first == second
    assert check_run(check_id=first.pk) == "done"
    assert check_run(check_id=first.pk) == "done"
    assert ModelUsage.objects.get().calls == 1
    assert check_run(check_id=first.pk + 1000) == "gone"


def test_a_lost_check_is_asked_for_again_and_fails_in_the_end(operator: User) -> None:
    job = check_ask(actor=operator, endpoint=an_endpoint())
    now = timezone.now()
    assert checks_ask_again(now=now) == []
    assert checks_ask_again(now=now + timedelta(minutes=2)) == [job.pk]
    lease = timedelta(seconds=90)
    for attempt in (1, 2):
        later = now + attempt * timedelta(minutes=5)
        assert endpoint_check_take(check_id=job.pk, lease=lease, now=later) == attempt
        assert endpoint_check_take(check_id=job.pk, lease=lease, now=later) == 0
    assert endpoint_check_take(check_id=job.pk, lease=lease, now=now + timedelta(minutes=30)) == 0
    assert EndpointCheck.objects.get().status == "failed"
    assert endpoints.checks_lost(now=now + timedelta(hours=1), asked_before=now + timedelta(hours=1)) == []


def test_a_key_whose_encryption_key_is_gone_fails_with_words(operator: User, settings: Any) -> None:
    job = check_ask(actor=operator, endpoint=an_endpoint())
    settings.STUDIO_ENCRYPTION_KEY_FILE = settings.STUDIO_ENCRYPTION_KEY_FILE.with_name("other_keys")
    assert check_run(check_id=job.pk) == "failed"
    job.refresh_from_db()
    assert job.error == "vault"


def test_the_trail_tells_of_keys_without_them(operator: User) -> None:
    endpoint_save(actor=operator, slug="one", facts=FACTS, key=KEY, new=True)
    row = ModelEndpoint.objects.get()
    moved = {**{name: getattr(FACTS, name) for name in FACTS.__struct_fields__}, "base_url": "https://other.example/v1"}
    endpoint_save(actor=operator, slug="one", facts=type(FACTS)(**moved), key="", new=False)
    notes = list(AuditEntry.objects.order_by("pk").values_list("action", "note"))
    assert notes == [("models.create", "key set"), ("models.edit", "key cleared")]
    assert facts_of(row) == FACTS


def test_nothing_is_told_of_what_was_refused(operator: User, settings: Any) -> None:
    settings.STUDIO_ENCRYPTION_KEYS, settings.STUDIO_ENCRYPTION_KEY_FILE = [], None
    with pytest.raises(EndpointRefused) as refused:
        endpoint_save(actor=operator, slug="one", facts=FACTS, key=KEY, new=True)
    assert (refused.value.field, refused.value.code) == ("key", "vault")
    assert not AuditEntry.objects.exists()
    assert not ModelEndpoint.objects.exists()
