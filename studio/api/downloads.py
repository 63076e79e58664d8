"""Files as answers of the interface."""

from pathlib import Path

from django.http import HttpResponseBase
from rest_framework.request import Request

from studio.pipelines.sending import sent


def download(request: Request, path: str, sha256: str, name: str) -> HttpResponseBase | None:
    """The file under ``name``, 304 for whoever has it, a piece of it for whoever asks so, or None when it is gone from the disk."""
    place = Path(path)
    return sent(request._request, place, name=name, kind="application/jsonl", sha256=sha256) if place.is_file() else None
