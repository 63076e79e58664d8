"""Endpoints as people keep them: the change and its audit entry in one transaction, without the key; self-checks by workers."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from studio import queue
from studio.access import audit
from studio.pipelines.jobs import ask_again, ask_worker
from studio.pipelines.keys import reach, vault
from studio.pipelines.model_room import endpoint_of
from synthesis.adapters.model_client.checking import Checker
from synthesis.adapters.vault import VaultError
from synthesis.engine.chat.probes import Finding
from synthesis.models import EndpointCheck, ModelEndpoint
from synthesis.selectors import endpoints
from synthesis.services import endpoint_checks
from synthesis.services import endpoints as services
from synthesis.services.database import DatabaseThread
from synthesis.services.endpoints import EndpointFacts, EndpointRefused, facts_of
from synthesis.services.usage import Place, Sum, usage_add

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""Longer than one question may take: a check says after each that it is alive."""
CHECK = "check"
"""The role under which a self-check's usage is counted."""


def endpoint_save(*, actor: User, slug: str, facts: EndpointFacts, key: str, new: bool, clear_key: bool = False) -> ModelEndpoint:
    """Write a new endpoint, or change the one of that slug; see the services. Raises EndpointRefused."""
    before = None if new else endpoints.endpoint_get(slug)
    verb = "create" if new else "edit"
    try:
        with audit.change(actor, f"models.{verb}", "endpoint", slug, slug, before=told_of(before) if before else None) as told:
            if new:
                row = services.endpoint_create(slug=slug, facts=facts, key=key, vault=vault, reach=reach())
            else:
                row = services.endpoint_update(slug=slug, facts=facts, key=key, vault=vault, reach=reach(), clear_key=clear_key)
            told.after, told.note = told_of(row), _note(before, row, key)
    except VaultError as error:
        raise EndpointRefused("key", "vault", str(error)) from None
    return row


def _note(before: ModelEndpoint | None, row: ModelEndpoint, key: str) -> str:
    """What became of the key, in words."""
    if key:
        return "key set" if before is None or not before.key else "key replaced"
    return "key cleared" if before is not None and before.key and not row.key else ""


def told_of(row: ModelEndpoint) -> Mapping[str, Any]:
    """What the audit trail's digests are of: everything but the key, of which it is told whether there is one."""
    return {**msgspec.to_builtins(facts_of(row)), "active": row.active, "key": bool(row.key), "key_end": row.key_end}


def endpoint_set_active(*, actor: User, slug: str, active: bool) -> None:
    """Let new calls go to an endpoint, or not. Raises EndpointRefused."""
    verb = "activate" if active else "rest"
    with audit.change(actor, f"models.{verb}", "endpoint", slug, slug, before={"active": not active}) as told:
        services.endpoint_set_active(slug=slug, active=active)
        told.after = {"active": active}


def endpoint_remove(*, actor: User, slug: str) -> None:
    """Remove an endpoint that played no part yet. Raises EndpointRefused."""
    row = endpoints.endpoint_get(slug)
    with audit.change(actor, "models.delete", "endpoint", slug, slug, before=told_of(row) if row else None):
        services.endpoint_delete(slug=slug)


def default_cast_set(*, actor: User, chosen: Mapping[str, str]) -> None:
    """Preselect for each role an endpoint, or with "" none. Raises EndpointRefused and changes nothing."""
    before = endpoints.default_cast()
    with audit.change(actor, "models.cast", "cast", "default", "default cast", before=dict(before)) as told:
        for role, slug in chosen.items():
            endpoint_checks.default_seat_set(role=role, slug=slug)
        told.after = dict(endpoints.default_cast())


def check_ask(*, actor: User, endpoint: ModelEndpoint) -> EndpointCheck:
    """Ask for a self-check: a worker makes it, since only workers read keys."""
    with audit.change(actor, "models.check", "endpoint", endpoint.slug, endpoint.slug) as told:
        job = endpoint_checks.endpoint_check_ask(endpoint=endpoint, asked_by=actor.get_username(), now=timezone.now())
        told.after = {"check": job.pk}
        ask_worker(queue.endpoint_check_enqueue, job.pk)
    return job


def check_run(*, check_id: int) -> str:
    """Make a self-check. Does nothing when somebody else does. Returns its status ("gone" when there is no such one)."""
    attempt = endpoint_checks.endpoint_check_take(check_id=check_id, lease=LEASE, now=timezone.now())
    job = endpoints.check_get(check_id)
    if not attempt or job is None:
        return job.status if job else "gone"
    try:
        key = vault().unlock(job.endpoint.key) if job.endpoint.key else ""
    except VaultError:
        endpoint_checks.endpoint_check_failed(check_id=check_id, attempt=attempt, error="vault", now=timezone.now())
        return "failed"
    checker = Checker(endpoint_of(job.endpoint, key))
    try:
        found = asyncio.run(_watched(checker, check_id, attempt))
    except Exception:
        logger.exception("check %s", check_id)
        endpoint_checks.endpoint_check_failed(check_id=check_id, attempt=attempt, error="broken", now=timezone.now())
        raise
    finally:
        _count(checker, job.endpoint_id)
    asked = endpoint_checks.place_of(job.endpoint)
    done = found is not None and endpoint_checks.endpoint_check_done(
        check_id=check_id, attempt=attempt, findings=found, asked=asked, now=timezone.now()
    )
    return "done" if done else "lost"


async def _watched(checker: Checker, check_id: int, attempt: int) -> list[Finding] | None:
    """What a check finds, told to the database after each question; None when it is somebody else's by now."""
    found: list[Finding] = []
    async with DatabaseThread("check") as database:
        async for more in checker.findings():
            found += more
            if not await database.run(_go_on, check_id, attempt, found):
                return None
    return found


def _go_on(check_id: int, attempt: int, found: list[Finding]) -> bool:
    return endpoint_checks.endpoint_check_go_on(check_id=check_id, attempt=attempt, findings=found, lease=LEASE, now=timezone.now())


def _count(checker: Checker, endpoint_id: int) -> None:
    usage = checker.usage
    tokens = (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
    took = Sum(checker.calls, checker.calls, checker.failures, *tokens, usage.cost, usage.seconds)
    usage_add(sums={Place(endpoint_id, None, CHECK, timezone.now().date()): took})


def checks_ask_again(*, now: datetime) -> list[int]:
    """Enqueue checks whose message or worker was lost. Returns their ids."""
    return ask_again(EndpointCheck.objects, endpoints.checks_lost, queue.endpoint_check_enqueue, now=now)
