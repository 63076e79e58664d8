"""Self-checks of endpoints, asked for at a door and done by whichever worker comes first; and the default cast."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from synthesis.engine.chat.probes import Finding
from synthesis.models import OPEN_CHECKS, CheckStatus, DefaultSeat, EndpointCheck, ModelEndpoint
from synthesis.selectors.endpoints import ROLES
from synthesis.services.endpoints import EndpointRefused
from synthesis.services.jobs import job_take

MOST_ATTEMPTS = 2
"""A check whose worker died that often has failed."""
KEPT = 10
"""Checks kept per endpoint, newest first."""


def endpoint_check_ask(*, endpoint: ModelEndpoint, asked_by: str, now: datetime) -> EndpointCheck:
    """Note that an endpoint is to be checked. One that is under way is given again."""
    open_ones = EndpointCheck.objects.filter(endpoint=endpoint, status__in=OPEN_CHECKS)
    if (same := open_ones.first()) is not None:
        return same
    try:
        with transaction.atomic():
            old = EndpointCheck.objects.filter(endpoint=endpoint).order_by("-pk").values_list("pk", flat=True)[KEPT - 1 :]
            EndpointCheck.objects.filter(pk__in=list(old)).delete()
            return EndpointCheck.objects.create(endpoint=endpoint, asked_by=asked_by[:150], created=now, asked=now)
    except IntegrityError:
        # Somebody else asked at the same moment.
        return open_ones.get()


def endpoint_check_take(*, check_id: int, lease: timedelta, now: datetime) -> int:
    """The number of this attempt when the check is the caller's until the lease ends; 0 when it is somebody else's or over.

    A check that was taken MOST_ATTEMPTS times without an end fails here.
    """
    job = EndpointCheck.objects.filter(pk=check_id)
    return job_take(job=job, working=CheckStatus.CHECKING, lease=lease, now=now, most=MOST_ATTEMPTS, lost="lost", findings=[])


def endpoint_check_go_on(*, check_id: int, attempt: int, findings: Sequence[Finding], lease: timedelta, now: datetime) -> bool:
    """Keep what was found so far, and the check for longer. False when it is the caller's no more."""
    return bool(_mine(check_id, attempt).update(findings=list(findings), lease_until=now + lease))


def endpoint_check_done(*, check_id: int, attempt: int, findings: Sequence[Finding], asked: str, now: datetime) -> bool:
    """Keep what a whole check found, at the endpoint too unless that is another by now: ``asked`` names the place and model that were
    asked (``place_of``). False when it is the caller's no more.
    """
    with transaction.atomic():
        mine = _mine(check_id, attempt).select_for_update()
        check = mine.select_related("endpoint").first()
        if check is None:
            return False
        if place_of(check.endpoint) == asked:
            checked = {"at": now.isoformat(), "findings": [msgspec.to_builtins(finding) for finding in findings]}
            ModelEndpoint.objects.filter(pk=check.endpoint_id).update(checked=checked)
        mine.update(status=CheckStatus.DONE, findings=list(findings), finished=now, lease_until=None)
    return True


def endpoint_check_failed(*, check_id: int, attempt: int, error: str, now: datetime) -> None:
    """The check could not be made; ``error`` is a word for it."""
    _mine(check_id, attempt).update(status=CheckStatus.FAILED, error=error, finished=now, lease_until=None)


def _mine(check_id: int, attempt: int) -> QuerySet[EndpointCheck]:
    return EndpointCheck.objects.filter(pk=check_id, status=CheckStatus.CHECKING, attempts=attempt)


def place_of(endpoint: ModelEndpoint) -> str:
    """What a check is about: another place, model or provider makes it void."""
    return f"{endpoint.base_url} {endpoint.model} {endpoint.provider}"


def default_seat_set(*, role: str, slug: str) -> None:
    """Preselect an endpoint for a role; "" goes back to scripted, or to judging by program. Raises EndpointRefused."""
    if role not in ROLES:
        raise EndpointRefused("role", "purposes", f"Roles are {', '.join(ROLES)}.")
    if not slug:
        DefaultSeat.objects.filter(role=role).delete()
        return
    endpoint = ModelEndpoint.objects.filter(slug=slug, active=True).first()
    if endpoint is None or role not in endpoint.purposes:
        raise EndpointRefused(role, "unfit", f"{slug} is not in use for that.")
    DefaultSeat.objects.update_or_create(role=role, defaults={"endpoint": endpoint})
