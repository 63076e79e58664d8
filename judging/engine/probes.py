"""Now and then a reviewer gets an item whose truth is known, or one that they answered before: by lot, so that nobody sees it coming."""

import hashlib
import hmac
from typing import Literal

ProbeKind = Literal["", "gold", "repeat"]


def lot_of(key: bytes, *places: int) -> float:
    """A number in [0, 1) for these places (queue, person, their last review): always the same, and unknown without the key."""
    digest = hmac.new(key, "|".join(map(str, places)).encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:6]) / 2**48


def probe_of(lot: float, gold: float, repeat: float) -> ProbeKind:
    """What the lot says: a gold item with probability ``gold``, a repeated one with ``repeat``, else work."""
    if lot < gold:
        return "gold"
    return "repeat" if lot < gold + repeat else ""


def pick(lot: float, number: int) -> int:
    """Which of ``number`` candidates, 0 to ``number`` - 1, from the digits of a lot that ``probe_of`` did not look at."""
    return int(lot * 2**24 % 1 * number)
