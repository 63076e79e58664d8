"""Every error as problem details (RFC 9457): ``{type, title, status, detail, errors?}``."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoDenied
from django.core.exceptions import SuspiciousOperation
from django.db.utils import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from judging.services.export_jobs import ExportRefused
from judging.services.exports import ExportError
from studio.api.rendering import PROBLEM
from studio.pipelines.once import KeyReused
from studio.pipelines.space import NoRoom

logger = logging.getLogger(__name__)

MEANINGS: dict[int, str] = {
    304: "Not changed since the ETag that was given",
    400: "The request cannot be read",
    401: "No token or session, or one that does not hold",
    403: "The token's scopes do not allow it, or the CSRF token is missing",
    404: "There is no such thing, or not for you",
    405: "The address does not know this method",
    406: "Nothing to offer in the asked-for media type",
    409: "Not possible in the present state",
    413: "The body is too large",
    415: "The body's media type is not application/json",
    422: "The request can be read, but its values cannot work",
    500: "The studio failed",
    503: "The database does not answer",
    507: "There is no room on the disk",
}


class Conflict(exceptions.APIException):
    """Not possible in the present state."""

    status_code = 409
    default_detail = MEANINGS[409]
    default_code = "conflict"


class Unworkable(exceptions.APIException):
    """Values that cannot work; ``detail`` maps fields to sentences, as a serializer's errors do."""

    status_code = 422
    default_detail = MEANINGS[422]
    default_code = "unworkable"


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="about:blank: the status says it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, child=serializers.ListField(child=serializers.CharField()), help_text="Sentences by field."
    )


def problem_of(error: Exception, context: dict[str, Any]) -> Response:
    """What any exception of a view is told as. What we did not foresee is logged, and told without its cause."""
    known = _known(error)
    headers: dict[str, str] = {}
    if isinstance(known, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(known, "auth_header", "") or 'Bearer realm="studio"'
        known.status_code = 401
    if known.status_code >= 500:
        logger.error("%s", error, exc_info=error)
    return problem(known.status_code, known.detail, headers)


def problem(status: int, detail: Any, headers: dict[str, str] | None = None) -> Response:
    """A response with problem details."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    errors = dict(_sentences(detail)) if isinstance(detail, dict | list) else None
    body["detail"] = MEANINGS.get(status, HTTPStatus(status).phrase) if errors is not None else str(detail)
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=PROBLEM)


def _known(error: Exception) -> exceptions.APIException:
    """The exception as one with a status."""
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case DjangoDenied():
            return exceptions.PermissionDenied()
        case SuspiciousOperation():
            return exceptions.ParseError()
        case ExportRefused():
            return Conflict(str(error))
        case ExportError():
            return Unworkable(str(error))
        case KeyReused():
            return Unworkable("This Idempotency-Key came with another request before.")
        case NoRoom():
            return _with_status(507, MEANINGS[507])
        case OperationalError():
            return _with_status(503, MEANINGS[503])
    return _with_status(500, MEANINGS[500])


def _with_status(status: int, detail: str) -> exceptions.APIException:
    known = exceptions.APIException(detail)
    known.status_code = status
    return known


def _sentences(detail: Any, place: str = "") -> list[tuple[str, list[str]]]:
    """A serializer's nested errors as pairs of ``field.inner`` and sentences."""
    if isinstance(detail, dict):
        return [pair for key, inner in detail.items() for pair in _sentences(inner, f"{place}.{key}".strip("."))]
    if isinstance(detail, list):
        texts = [str(item) for item in detail if not isinstance(item, dict | list)]
        inner = [(index, item) for index, item in enumerate(detail) if isinstance(item, dict | list)]
        nested = [pair for index, item in inner for pair in _sentences(item, f"{place}.{index}")]
        return ([(place or "body", texts)] if texts else []) + nested
    return [(place or "body", [str(detail)])]
