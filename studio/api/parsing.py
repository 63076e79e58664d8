"""The border for what comes in: JSON of at most 2 MB, nested at most 64 deep, without NUL and lone surrogates."""

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from synthesis.services.border import clean_json


class TooLarge(APIException):
    """The body is beyond the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 2 MB."
    default_code = "too_large"


class JsonParser(BaseParser):
    """``application/json``. Django's own decoder raises RecursionError for deep JSON; this one counts."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value. Raises TooLarge, ParseError."""
        body = stream.read(settings.API_BODY_BYTES + 1)
        if len(body) > settings.API_BODY_BYTES:
            raise TooLarge
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        except RecursionError:
            raise ParseError("The body is nested too deep.") from None
        if clean_json(value).changes:
            raise ParseError("The body holds NUL, an unpaired surrogate, a number beyond 64 bits, or is nested deeper than 64.")
        return value
