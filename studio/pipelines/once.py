"""Work that is started once, however often it is asked for with the same key."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from studio.models import AnsweredRequest

REMEMBERED = timedelta(days=1)


class Answer(NamedTuple):
    """What is told to whoever asked: HTTP status, JSON body, address of what was started."""

    status: int
    body: Any
    location: str = ""


class KeyReused(Exception):
    """The key came with another request before."""


def once(*, user: User, key: str, digest: str, now: datetime, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of ``work``, and whether it had been given before. Work and memory are one transaction: what raises is not remembered.

    Two requests with one key at the same time: the second waits for the first at the unique key. Raises KeyReused.
    """
    with transaction.atomic():
        AnsweredRequest.objects.filter(created__lt=now - REMEMBERED).delete()
        try:
            with transaction.atomic():
                row = AnsweredRequest.objects.create(user=user, key=key, digest=digest, created=now)
        except IntegrityError:
            row = AnsweredRequest.objects.get(user=user, key=key)
            if row.digest != digest:
                raise KeyReused from None
            return Answer(row.status, row.body, row.location), True
        answer = work()
        row.status, row.body, row.location = answer
        row.save(update_fields=["status", "body", "location"])
        return answer, False
