"""How long to wait, when to park, when to give up."""

import random
from datetime import UTC, datetime

import pytest

from synthesis.engine.chat.errors import GaveUp, Overloaded, Parked, RateLimited
from synthesis.engine.chat.waiting import Patience, wait_asked, wait_before

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENT = Patience(hold=1000)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 31 Dec 2025 00:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "99999999"}, 3600.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"x-ratelimit-reset-requests": "1m2s"}, 62.0),
        ({"x-ratelimit-reset-requests": "20ms", "x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-tokens": "3", "x-ratelimit-remaining-tokens": "0"}, 3.0),
        ({"x-ratelimit-reset-tokens": "1h", "x-ratelimit-remaining-tokens": "500"}, None),
        ({"x-ratelimit-reset-requests": "5x"}, None),
        ({"x-ratelimit-reset-requests": "5m3"}, None),
        ({"x-ratelimit-reset-requests": "."}, None),
    ],
)
def test_what_endpoints_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(headers, NOW) == seconds


def test_jitter_is_full_and_grows_to_a_minute() -> None:
    rng = random.Random(7)
    for tried, most in ((1, 2), (3, 8), (5, 32)):
        waits = [wait_before(Overloaded("x"), tried, 0, PATIENT, rng) for _ in range(300)]
        assert max(waits) <= most
        assert min(waits) < most / 10
        assert max(waits) > most * 0.9
    longest = Patience(tries=100, hold=1000)
    assert max(wait_before(Overloaded("x"), 50, 0, longest, rng) for _ in range(300)) <= 60


def test_what_was_asked_for_is_waited_and_a_little_more() -> None:
    wait = wait_before(RateLimited("x", 4.0), 1, 0, PATIENT, random.Random(1))
    assert 4.0 <= wait <= 4.4


def test_a_long_wait_parks() -> None:
    with pytest.raises(Parked) as caught:
        wait_before(RateLimited("x", 300.0), 1, 0, Patience(), random.Random(1))
    assert 300 <= caught.value.seconds <= 330
    assert isinstance(caught.value.cause, RateLimited)


def test_tries_and_time_end() -> None:
    with pytest.raises(GaveUp) as caught:
        wait_before(Overloaded("busy"), 6, 10, Patience(), random.Random(1))
    assert "busy" in str(caught.value)
    with pytest.raises(GaveUp):
        wait_before(RateLimited("x", 60.0), 2, 850, Patience(hold=1000), random.Random(1))
