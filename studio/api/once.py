"""Idempotency-Key: a POST that starts work may be sent again."""

import hashlib
from collections.abc import Callable

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from studio.pipelines.once import Answer, once

HEADER = "Idempotency-Key"
LONGEST = 200


def answered(request: Request, user: User, work: Callable[[], Answer]) -> Response:
    """What ``work`` answers, or answered when the same request came with the same key. Raises ValidationError, KeyReused."""
    key = request.headers.get(HEADER)
    if key is None:
        answer, again = work(), False
    else:
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise ValidationError({HEADER: [f"Give 1 to {LONGEST} printable ASCII characters."]})
        asked = msgspec.json.encode([request.method, request.path, request.data], order="sorted")
        answer, again = once(user=user, key=key, digest=hashlib.sha256(asked).hexdigest(), now=timezone.now(), work=work)
    headers = {"Location": answer.location} if answer.location else {}
    return Response(answer.body, status=answer.status, headers=headers | ({"Idempotency-Replayed": "true"} if again else {}))
