"""Model endpoints: which there are, and which may play a role."""

from collections.abc import Mapping, Sequence

from synthesis.models import ModelEndpoint

ROLES = ("agent", "user", "tool", "judge", "author")
"""What an endpoint may be used for, in the order in which pages show them."""


def endpoints(*, active: bool | None = None, after: str | None = None, limit: int | None = None) -> Sequence[ModelEndpoint]:
    """Endpoints by slug, with their traffic; None filters nothing."""
    rows = ModelEndpoint.objects.select_related("traffic")
    if active is not None:
        rows = rows.filter(active=active)
    if after is not None:
        rows = rows.filter(slug__gt=after)
    return list(rows.order_by("slug")[:limit])


def endpoint_get(slug: str) -> ModelEndpoint | None:
    """The endpoint of that slug, whether in use or not."""
    return ModelEndpoint.objects.select_related("traffic").filter(slug=slug).first()


def for_purpose(role: str) -> Sequence[ModelEndpoint]:
    """Endpoints in use that may play ``role``, by slug."""
    # Few rows, and a JSON list that one of two databases could not search.
    return [endpoint for endpoint in endpoints(active=True) if role in endpoint.purposes]


def by_slug(slugs: Sequence[str]) -> Mapping[str, ModelEndpoint]:
    """Those of these endpoints that are there, in one query."""
    return {endpoint.slug: endpoint for endpoint in ModelEndpoint.objects.filter(slug__in=slugs)}
