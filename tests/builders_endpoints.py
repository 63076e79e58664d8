"""Endpoints for tests, written as people write them."""

from typing import Any

import msgspec

from studio.pipelines.keys import reach, vault
from synthesis.models import ModelEndpoint
from synthesis.selectors.endpoints import ROLES
from synthesis.services.endpoints import EndpointFacts, endpoint_create

KEY = "sk-planted-0f4c2b7e9a1d8c35"
FACTS = EndpointFacts(
    base_url="https://models.example/v1", model="m-1", purposes=list(ROLES), price_prompt=1_000_000, price_completion=4_000_000
)


def an_endpoint(slug: str = "one", key: str = KEY, **facts: Any) -> ModelEndpoint:
    """An endpoint of that slug with a key, as ``facts`` say otherwise."""
    return endpoint_create(slug=slug, facts=msgspec.structs.replace(FACTS, **facts), key=key, vault=vault, reach=reach())
