"""Spacing: never more than a limit in any minute, and not much less."""

import pytest

from synthesis.engine.chat.rates import MINUTE, SECOND, Rate, rate_of, wait_for


def passes(rate: Rate, seconds: int) -> list[int]:
    """When units come that always come as early as they may."""
    tat = now = 0
    moments: list[int] = []
    while now < seconds * SECOND:
        if tat <= now + rate.tolerance:
            tat = max(tat, now) + rate.interval
            moments.append(now)
        else:
            now += max(int(wait_for(tat, now, rate) * SECOND), 1)
    return moments


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 60, 500, 3000])
def test_no_minute_holds_more_than_the_limit(limit: int) -> None:
    moments = passes(rate_of(limit), 240)
    most = max(sum(1 for moment in moments if start <= moment < start + MINUTE) for start in moments[:: max(1, len(moments) // 200)])
    assert most <= limit
    assert len(moments) >= 0.8 * limit * 3, "little is wasted"


def test_after_a_pause_a_burst_may_come_at_once() -> None:
    rate = rate_of(60)
    moments = passes(rate, 60)
    assert moments[:6] == [0] * 6
    assert moments[6] >= SECOND
