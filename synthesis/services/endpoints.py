"""Model endpoints: writing, changing, resting and removing them. Keys come in, and never out."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from synthesis.adapters.vault import Vault
from synthesis.engine.chat.profiles import PROFILES
from synthesis.engine.outgoing import Reach
from synthesis.models import EndpointTraffic, ModelEndpoint, ModelUsage
from synthesis.selectors.endpoints import PURPOSES

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
CURRENCY = re.compile(r"[A-Z]{3}")
OWN = frozenset({"model", "messages", "tools", "stream", "stream_options", "response_format", "parallel_tool_calls", "n"})
"""Parameters that the studio sets itself."""
MOST_PARAMETERS = 4096
CHECK = "check"
"""The role under which the usage of self-checks is counted."""
LONGEST_KEY = 500
"""Characters of an API key."""
NO_PRICE = 10**12
"""A price beyond this, in millionths of a million tokens, is a slip."""


class EndpointRefused(ValueError):
    """An endpoint cannot be written like that. ``field`` is where, ``code`` which rule, and the text a sentence."""

    def __init__(self, field: str, code: str, text: str) -> None:
        super().__init__(text)
        self.field, self.code = field, code


class EndpointFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is said of an endpoint but its slug and key; see ``ModelEndpoint``."""

    base_url: str
    model: str
    provider: str = "other"
    parameters: dict[str, Any] = {}
    purposes: list[str] = []
    price_prompt: int = 0
    price_completion: int = 0
    price_cached: int | None = None
    currency: str = "USD"
    requests_a_minute: int | None = None
    tokens_a_minute: int | None = None
    concurrency: int = 64
    try_seconds: float = 120.0


def facts_of(endpoint: ModelEndpoint) -> EndpointFacts:
    """What is said of an endpoint now."""
    return EndpointFacts(**{name: getattr(endpoint, name) for name in EndpointFacts.__struct_fields__})


def endpoint_create(*, slug: str, facts: EndpointFacts, key: str, vault: Callable[[], Vault], reach: Reach) -> ModelEndpoint:
    """Write a new endpoint. ``vault`` is asked only where there is a key to lock; ``reach`` is where requests may go.

    Raises EndpointRefused, and VaultError when a key cannot be stored.
    """
    if not SLUG.fullmatch(slug) or len(slug) > 80:
        raise EndpointRefused("slug", "slug", "A slug has small letters, digits, and single hyphens or underscores between them.")
    _check(facts, reach)
    kept = _locked(key, vault)
    try:
        with transaction.atomic():
            endpoint = ModelEndpoint.objects.create(slug=slug, **msgspec.structs.asdict(facts), **kept)
            EndpointTraffic.objects.create(endpoint=endpoint)
            return endpoint
    except IntegrityError:
        raise EndpointRefused("slug", "taken", f"There is an endpoint {slug} already.") from None


def endpoint_update(
    *, slug: str, facts: EndpointFacts, key: str, vault: Callable[[], Vault], reach: Reach, clear_key: bool = False
) -> ModelEndpoint:
    """Change an endpoint. ``key`` "" keeps the stored one, unless it is to be cleared or the base URL is another: a key goes only to the
    place it was entered for. What a self-check found of another place or model is forgotten.

    Raises EndpointRefused, and VaultError when a key cannot be stored.
    """
    _check(facts, reach)
    kept = _locked(key, vault)
    with transaction.atomic():
        endpoint = ModelEndpoint.objects.select_for_update().filter(slug=slug).first()
        if endpoint is None:
            raise EndpointRefused("slug", "missing", f"There is no endpoint {slug}.")
        moved = endpoint.base_url != facts.base_url
        if not key and (clear_key or moved):
            kept = {"key": "", "key_end": ""}
        if moved or (endpoint.model, endpoint.provider) != (facts.model, facts.provider):
            endpoint.checked = None
        if moved:
            endpoint.vectors.all().delete()
        for name, value in {**msgspec.structs.asdict(facts), **kept}.items():
            setattr(endpoint, name, value)
        endpoint.save()
    return endpoint


def endpoint_set_active(*, slug: str, active: bool) -> None:
    """Let new calls go to an endpoint, or not. Raises EndpointRefused when there is none of that slug."""
    if not ModelEndpoint.objects.filter(slug=slug).update(active=active):
        raise EndpointRefused("slug", "missing", f"There is no endpoint {slug}.")


def endpoint_delete(*, slug: str) -> None:
    """Remove an endpoint that was never asked anything but by self-checks. Raises EndpointRefused for another: its cost stays countable."""
    with transaction.atomic():
        endpoint = ModelEndpoint.objects.select_for_update().filter(slug=slug).first()
        if endpoint is None:
            raise EndpointRefused("slug", "missing", f"There is no endpoint {slug}.")
        if ModelUsage.objects.filter(endpoint=endpoint).exclude(role=CHECK).exists():
            raise EndpointRefused("slug", "used", f"{slug} has been used; take it out of use instead, so that its cost stays counted.")
        endpoint.delete()


def endpoints_relock(*, vault: Vault) -> int:
    """Lock every stored key under the newest encryption key, all or none. Returns how many. Raises VaultError when one cannot be read."""
    with transaction.atomic():
        rows = list(ModelEndpoint.objects.select_for_update().exclude(key="").order_by("pk"))
        for row in rows:
            ModelEndpoint.objects.filter(pk=row.pk).update(key=vault.relock(row.key))
    return len(rows)


def _locked(key: str, vault: Callable[[], Vault]) -> dict[str, str]:
    """The columns that keep a key; none for ""."""
    if not key:
        return {}
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise EndpointRefused("key", "key", "A key is one word of plain characters.")
    # Of a short one four characters would be half the secret.
    return {"key": vault().lock(key), "key_end": key[-4:] if len(key) >= 16 else ""}


def _check(facts: EndpointFacts, reach: Reach) -> None:
    _check_place(facts, reach)
    if not set(facts.purposes) <= set(PURPOSES):
        raise EndpointRefused("purposes", "purposes", f"Purposes are among {', '.join(PURPOSES)}.")
    prices = {"price_prompt": facts.price_prompt, "price_completion": facts.price_completion, "price_cached": facts.price_cached or 0}
    for name, price in prices.items():
        if not 0 <= price <= NO_PRICE:
            raise EndpointRefused(name, "price", "A price is from 0 to 1,000,000 for a million tokens.")
    if not CURRENCY.fullmatch(facts.currency):
        raise EndpointRefused("currency", "currency", "A currency is three capital letters, such as USD.")
    _check_limits(facts)
    _check_parameters(facts.parameters)


def _check_place(facts: EndpointFacts, reach: Reach) -> None:
    if facts.provider not in PROFILES:
        raise EndpointRefused("provider", "provider", f"Providers are {', '.join(PROFILES)}.")
    if not facts.model.strip() or len(facts.model) > 200:
        raise EndpointRefused("model", "model", "Name the model as the endpoint calls it.")
    if len(facts.base_url) > 500:
        raise EndpointRefused("base_url", "too_long", "The address is longer than 500 characters.")
    if refusal := reach.refusal(facts.base_url):
        raise EndpointRefused("base_url", refusal.code, refusal.text)


def _check_limits(facts: EndpointFacts) -> None:
    for name in ("requests_a_minute", "tokens_a_minute"):
        limit = getattr(facts, name)
        if limit is not None and not 1 <= limit <= 2_000_000_000:
            raise EndpointRefused(name, "limit", "A limit is at least 1; leave it empty where there is none.")
    if not 1 <= facts.concurrency <= 1024:
        raise EndpointRefused("concurrency", "concurrency", "From 1 to 1024 calls in flight.")
    if not 1 <= facts.try_seconds <= 900:
        raise EndpointRefused("try_seconds", "deadline", "A deadline is from 1 to 900 seconds.")


def _check_parameters(parameters: dict[str, Any]) -> None:
    if len(msgspec.json.encode(parameters)) > MOST_PARAMETERS:
        raise EndpointRefused("parameters", "too_large", "The parameters are larger than 4 KB.")
    taken = sorted(OWN & set(parameters))
    if taken:
        raise EndpointRefused("parameters", "own", f"The studio sets {', '.join(taken)} itself.")
