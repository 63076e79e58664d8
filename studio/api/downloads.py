"""Files as answers, streamed: neither server holds one in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

CHUNK = 256 * 1024


def download(request: Request, path: str, sha256: str, name: str) -> HttpResponseBase | None:
    """The file under ``name``, 304 for whoever has it, or None when it is gone from the disk."""
    place, tag = Path(path), f'"{sha256}"'
    if not place.is_file():
        return None
    known = get_conditional_response(request._request, etag=tag)
    if known is not None:
        assert isinstance(known, HttpResponse)
        return known
    file = place.open("rb")
    # Django reads a synchronous file to its end before it sends the first byte to an asynchronous server.
    response = StreamingHttpResponse(_chunks(file)) if isinstance(request._request, ASGIRequest) else FileResponse(file)
    response["Content-Type"] = "application/jsonl"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(place.stat().st_size)
    response["ETag"] = tag
    return response


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
