"""When to try again, and when not to any more. Retries are ours alone: nothing below this tries twice."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from synthesis.engine.chat.errors import GaveUp, Parked, Passing

LONGEST_WAIT = 60.0


class Patience(msgspec.Struct, frozen=True):
    """``tries`` in all within ``seconds``; a wait above ``hold`` seconds is not slept through."""

    tries: int = 6
    seconds: float = 900.0
    hold: float = 10.0


def wait_before(error: Passing, tried: int, passed: float, patience: Patience, rng: random.Random) -> float:
    """Seconds to wait before the next try, after ``tried`` tries and ``passed`` seconds.

    What the endpoint asked for counts; otherwise full jitter, ``U(0, min(60, 2**tried))``. Raises GaveUp when tries or time are used up,
    Parked when the wait is too long to hold a place.
    """
    if tried >= patience.tries:
        raise GaveUp(error, tried)
    asked = error.wait
    # A little more than asked, each its own, so that those who were sent away together do not come back together.
    wait = rng.uniform(0, min(LONGEST_WAIT, 2.0**tried)) if asked is None else asked * (1 + rng.uniform(0, 0.1))
    if passed + wait > patience.seconds:
        raise GaveUp(error, tried)
    if wait > patience.hold:
        raise Parked(wait, error)
    return wait


def wait_asked(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds an endpoint asks to wait: ``retry-after-ms``, ``retry-after`` (seconds or a date), else the longest ``x-ratelimit-reset-*``
    of a limit that is used up; None when it does not say. Between 0 and an hour.
    """
    if (milliseconds := _number(headers.get("retry-after-ms", ""))) is not None:
        return _bounded(milliseconds / 1000)
    if text := headers.get("retry-after", "").strip():
        seconds = _number(text)
        return _bounded(seconds) if seconds is not None else _until(text, now)
    spent = [
        wait
        for kind in ("requests", "tokens")
        if _number(headers.get(f"x-ratelimit-remaining-{kind}", "")) in {0.0, None}
        and (wait := _span(headers.get(f"x-ratelimit-reset-{kind}", ""))) is not None
    ]
    return _bounded(max(spent)) if spent else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), 3600.0)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) < 1e9 else None


def _until(text: str, now: datetime | None) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _bounded((moment - (now or datetime.now(UTC))).total_seconds())


def _span(text: str) -> float | None:
    """A span as endpoints write it: ``6m0s``, ``1.5s``, ``20ms``, ``2h``, or bare seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    total, number, rest = 0.0, "", text.strip().lower()
    if (bare := _number(rest)) is not None:
        return bare
    while rest:
        head = rest[0]
        if head.isdigit() or head == ".":
            number, rest = number + head, rest[1:]
            continue
        unit = "ms" if rest.startswith("ms") else head
        value = _number(number)
        if unit not in units or value is None:
            return None
        total, number, rest = total + value * units[unit], "", rest[len(unit) :]
    return total if text.strip() and not number else None
