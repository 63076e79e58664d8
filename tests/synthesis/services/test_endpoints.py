"""Endpoints: what is refused, what becomes of keys, and what is left when one goes."""

from datetime import date
from typing import Any

import msgspec
import pytest

from synthesis.adapters.vault import Vault, VaultError, fresh_key
from synthesis.engine.outgoing import Reach
from synthesis.models import ModelEndpoint, ModelUsage
from synthesis.selectors import endpoints
from synthesis.services.endpoints import (
    EndpointFacts,
    EndpointRefused,
    endpoint_create,
    endpoint_delete,
    endpoint_set_active,
    endpoint_update,
    facts_of,
)

pytestmark = pytest.mark.django_db
FACTS = EndpointFacts(base_url="https://models.example/v1", model="m-1", purposes=["agent", "judge"])
KEY = "sk-0123456789abcdef"
VAULT = Vault([fresh_key()])


def vault() -> Vault:
    """One vault for all."""
    return VAULT


def no_vault() -> Vault:
    """A set-up without encryption keys."""
    raise VaultError("no key")


def create(slug: str = "one", key: str = KEY, **facts: Any) -> ModelEndpoint:
    """An endpoint with a key."""
    return endpoint_create(slug=slug, facts=msgspec.structs.replace(FACTS, **facts), key=key, vault=vault, reach=Reach())


def update(key: str = "", clear_key: bool = False, **facts: Any) -> ModelEndpoint:
    """The endpoint ``one``, changed."""
    return endpoint_update(
        slug="one", facts=msgspec.structs.replace(FACTS, **facts), key=key, vault=vault, reach=Reach(), clear_key=clear_key
    )


def test_a_key_is_stored_locked_and_told_apart_by_its_end() -> None:
    row = create()
    assert VAULT.unlock(row.key) == KEY
    assert KEY not in str(vars(row))
    assert row.key_end == "cdef"
    assert facts_of(row) == FACTS


def test_of_a_short_key_no_end_is_kept() -> None:
    assert create(key="ollama").key_end == ""


def test_without_encryption_key_only_keyless_endpoints_are_written() -> None:
    with pytest.raises(VaultError):
        endpoint_create(slug="one", facts=FACTS, key=KEY, vault=no_vault, reach=Reach())
    assert endpoint_create(slug="two", facts=FACTS, key="", vault=no_vault, reach=Reach()).key == ""


def test_an_empty_key_keeps_the_stored_one_and_clearing_is_said() -> None:
    create()
    assert VAULT.unlock(update(model="m-2").key) == KEY
    assert VAULT.unlock(update(key="sk-another-key-0000").key) == "sk-another-key-0000"
    cleared = update(clear_key=True)
    assert (cleared.key, cleared.key_end) == ("", "")


def test_another_base_url_clears_the_key_unless_one_comes_with_it() -> None:
    create()
    assert update(base_url="https://thief.example/v1").key == ""
    assert VAULT.unlock(update(base_url="https://models.example/v1", key=KEY).key) == KEY


def test_what_was_checked_of_another_model_is_forgotten() -> None:
    row = create()
    ModelEndpoint.objects.update(checked={"ok": True})
    assert update(try_seconds=10.0).checked == {"ok": True}
    assert update(model="m-2").checked is None
    assert row.slug == "one"


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("provider", {"provider": "nobody"}),
        ("model", {"model": "  "}),
        ("base_url", {"base_url": "http://models.example/v1"}),
        ("base_url", {"base_url": "https://127.0.0.1:8000/v1"}),
        ("base_url", {"base_url": "https://models.example/" + "v" * 500}),
        ("purposes", {"purposes": ["agent", "boss"]}),
        ("price_prompt", {"price_prompt": -1}),
        ("price_cached", {"price_cached": 10**13}),
        ("currency", {"currency": "usd"}),
        ("requests_a_minute", {"requests_a_minute": 0}),
        ("tokens_a_minute", {"tokens_a_minute": 0}),
        ("concurrency", {"concurrency": 0}),
        ("try_seconds", {"try_seconds": 0.0}),
        ("parameters", {"parameters": {"stream": True}}),
        ("parameters", {"parameters": {"stop": "x" * 5000}}),
    ],
)
def test_what_cannot_be_is_refused_by_field(field: str, facts: dict[str, Any]) -> None:
    with pytest.raises(EndpointRefused) as refused:
        create(**facts)
    assert refused.value.field == field
    assert not ModelEndpoint.objects.exists()


@pytest.mark.parametrize("slug", ["", "Big", "a b", "-a", "a--b", "a/b", "x" * 81])
def test_slugs(slug: str) -> None:
    with pytest.raises(EndpointRefused, match="slug"):
        create(slug)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\nb", "x" * 501])
def test_keys_that_no_header_takes(key: str) -> None:
    with pytest.raises(EndpointRefused) as refused:
        create(key=key)
    assert key not in str(refused.value)


def test_a_slug_is_taken_once() -> None:
    create()
    with pytest.raises(EndpointRefused, match="already"):
        create()


def test_only_what_was_never_used_can_be_deleted() -> None:
    used, fresh = create("used"), create("fresh")
    ModelUsage.objects.create(endpoint=used, role="agent", day=date(2026, 1, 2), calls=1)
    with pytest.raises(EndpointRefused, match="has been used"):
        endpoint_delete(slug="used")
    endpoint_delete(slug=fresh.slug)
    assert [row.slug for row in endpoints.endpoints()] == ["used"]


def test_purposes_and_use_decide_who_is_offered() -> None:
    create("a"), create("b", purposes=["user"]), create("c")
    assert [row.slug for row in endpoints.for_purpose("judge")] == ["a", "c"]
    endpoint_set_active(slug="a", active=False)
    assert [row.slug for row in endpoints.for_purpose("judge")] == ["c"]
    assert endpoints.endpoint_get("a") is not None
    with pytest.raises(EndpointRefused):
        endpoint_set_active(slug="z", active=True)
