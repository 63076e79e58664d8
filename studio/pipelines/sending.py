"""Files as answers: in pieces, so that no server holds one in memory, and from where a broken download stopped (RFC 9110, 14)."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def sent(request: HttpRequest, place: Path, *, name: str, kind: str, sha256: str) -> HttpResponseBase:
    """The file at ``place`` as a download called ``name``; 304 for whoever has it, 206 for a piece, 416 for one beyond its end.

    Several ranges at once are answered with the whole file, as the standard allows.
    """
    size, tag = place.stat().st_size, f'"{sha256}"'
    known = get_conditional_response(request, etag=tag)
    if isinstance(known, HttpResponse):
        return known
    piece = _piece(request, size, tag)
    if piece is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = piece
    file = place.open("rb")
    file.seek(start)
    # Django reads a synchronous file to its end before it sends the first byte to an asynchronous server.
    content = _later(file, stop - start) if isinstance(request, ASGIRequest) else _pieces(file, stop - start)
    part = (start, stop) != (0, size)
    response = StreamingHttpResponse(content, status=206 if part else 200, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    if part:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _piece(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """(start, stop) of what is wanted: all of it without a sound Range, or when the file has changed since; None beyond the end."""
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    if wanted is None or request.headers.get("If-Range", tag) != tag or wanted.group(0) == "bytes=-":
        return 0, size
    first, last = wanted.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if start < min(stop, size) else None


def _pieces(file: IO[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


async def _later(file: IO[bytes], left: int) -> AsyncIterator[bytes]:
    with file:
        while left > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
