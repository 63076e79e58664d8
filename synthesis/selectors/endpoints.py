"""Model endpoints: which there are, and which may play a role."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from synthesis.models import CheckStatus, DefaultSeat, EndpointCheck, ModelEndpoint
from synthesis.selectors.jobs import jobs_lost

ROLES = ("agent", "user", "tool", "judge", "author")
"""Whom an endpoint may play, in the order in which pages show them."""
PURPOSES = (*ROLES, "embeddings")
"""What an endpoint may be used for."""


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
    """Endpoints in use that may play ``role``, or have that purpose, by slug."""
    # Few rows, and a JSON list that one of two databases could not search.
    return [endpoint for endpoint in endpoints(active=True) if role in endpoint.purposes]


def by_slug(slugs: Sequence[str]) -> Mapping[str, ModelEndpoint]:
    """Those of these endpoints that are there, in one query."""
    return {endpoint.slug: endpoint for endpoint in ModelEndpoint.objects.filter(slug__in=slugs)}


def default_cast() -> Mapping[str, str]:
    """The endpoint that launchers preselect for each role, by slug; a role without one is left out, and so is one whose endpoint is not in
    use for it any more. One query.
    """
    rows = DefaultSeat.objects.select_related("endpoint").order_by("role")
    return {row.role: row.endpoint.slug for row in rows if row.endpoint.active and row.role in row.endpoint.purposes}


def check_get(check_id: int) -> EndpointCheck | None:
    """A self-check with its endpoint."""
    return EndpointCheck.objects.select_related("endpoint").filter(pk=check_id).first()


def check_newest(endpoint: ModelEndpoint) -> EndpointCheck | None:
    """The newest self-check of an endpoint."""
    return EndpointCheck.objects.filter(endpoint=endpoint).order_by("-pk").first()


def checks_lost(*, now: datetime, asked_before: datetime) -> Sequence[int]:
    """Checks that nobody makes although a worker was asked for before ``asked_before``, oldest first."""
    return jobs_lost(EndpointCheck.objects, working=CheckStatus.CHECKING, now=now, asked_before=asked_before)
