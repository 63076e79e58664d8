"""The wire between a sandbox process and its owner: frames of a 4-byte length and a MessagePack body.

A request is ``[method, arguments, seconds]``, the last the processor time that it may take; a reply ``["ok", value]``,
``["mismatch", text]`` (a refold that differs), ``["missing", digest]`` (a pack that was not sent yet) or ``["failed", text]``.
"""

import struct
from typing import Any

import msgspec

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024 * 1024
_encoder = msgspec.msgpack.Encoder()


def frame(body: Any) -> bytes:
    """``body`` as one frame."""
    data = _encoder.encode(body)
    return HEADER.pack(len(data)) + data
