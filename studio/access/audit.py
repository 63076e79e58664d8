"""The audit trail: who did what to which thing, written in the transaction of the change."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from studio.models import AuditEntry

COMMAND = "command line"
"""The actor's name where no person is signed in."""


def digest(thing: Any) -> str:
    """SHA-256 of a thing's canonical JSON (keys sorted, dates as ISO text); "" for None. A text that is a digest already stays one."""
    if thing is None:
        return ""
    if isinstance(thing, str) and len(thing) == 64 and set(thing) <= set("0123456789abcdef"):
        return thing
    text = json.dumps(thing, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Change:
    """What an entry will say; fill in what is known only afterwards."""

    kind: str
    object_id: str
    label: str
    before: Any = None
    after: Any = None
    note: str = ""


@contextmanager
def change(
    actor: User | None, action: str, kind: str, object_id: object = "", label: str = "", *, before: Any = None, note: str = ""
) -> Iterator[Change]:
    """One transaction that holds a change and its entry: either both happen or neither.

    ``with change(user, "catalogue.publish", "domain", slug, before=old) as told: ...; told.after = release.digest``.
    ``before`` and ``after`` are JSON values or digests.
    """
    told = Change(kind, str(object_id), label, before, None, note)
    with transaction.atomic():
        yield told
        _write(actor, action, told, timezone.now())


def _write(actor: User | None, action: str, told: Change, now: datetime) -> None:
    AuditEntry.objects.create(
        at=now,
        actor=actor,
        actor_name=(actor.get_username() if actor else COMMAND)[:150],
        action=action,
        kind=told.kind,
        object_id=told.object_id[:80],
        label=told.label[:200],
        before=digest(told.before),
        after=digest(told.after),
        note=told.note[:300],
    )


def row_facts(row: Model, *fields: str) -> dict[str, Any]:
    """The named fields of a row as JSON values, to be digested."""
    return {name: getattr(row, name) for name in fields}


def entries(
    *,
    actor_id: int | None = None,
    action: str = "",
    kind: str = "",
    thing: str = "",
    since: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """The newest entries that fit, older than ``before_id``. ``action`` may be an area ("members") or a whole name ("members.role");
    ``thing`` is an object's id or its name."""
    rows = AuditEntry.objects.all()
    if actor_id is not None:
        rows = rows.filter(actor_id=actor_id)
    if action:
        rows = rows.filter(action=action) if "." in action else rows.filter(action__startswith=f"{action}.")
    if kind:
        rows = rows.filter(kind=kind)
    if thing:
        rows = rows.filter(Q(object_id=thing) | Q(label=thing))
    if since is not None:
        rows = rows.filter(at__gte=since)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])


def deeds_of(actor: User, wanted: Sequence[str]) -> set[str]:
    """Which of the ``wanted`` actions ``actor`` has done at least once."""
    return set(AuditEntry.objects.filter(actor=actor, action__in=wanted).values_list("action", flat=True).distinct())


def actors() -> Sequence[User]:
    """Everybody who is or was a member, by user name."""
    return list(User.objects.order_by("username"))


def actions() -> Sequence[str]:
    """The actions that occur in the trail, sorted."""
    return list(AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct())
