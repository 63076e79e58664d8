"""Rate limits as spacing: the generic cell rate algorithm, in whole microseconds so that databases can do the sums.

``tat`` is the theoretical arrival time: when the next unit would come if all came evenly. A unit may come when ``tat`` is not further ahead
than ``tolerance``; then ``tat`` moves on by ``interval``. One number a limit, one conditional UPDATE a call.
Source: ITU-T I.371 (GCRA).
"""

import msgspec

SECOND = 1_000_000
MINUTE = 60 * SECOND
SLACK = 0.93
"""Of a limit that is used: what leaves here evenly does not arrive evenly, least of all from and at machines that are busy."""


class Rate(msgspec.Struct, frozen=True):
    """``interval`` microseconds a unit; ``tolerance`` how far ahead ``tat`` may be when a unit comes."""

    interval: int
    tolerance: int


def rate_of(a_minute: int, burst: int = 0) -> Rate:
    """A rate that never lets more than ``a_minute`` units through in any minute, of which ``burst`` (a tenth if 0) may come at once.

    A burst comes at once and then one unit an interval, so the interval is chosen for what the burst leaves of a minute.
    """
    burst = min(max(burst or a_minute // 10, 1), a_minute)
    steady = (a_minute - burst + 1) * SLACK
    interval = int(MINUTE / steady) + 1
    return Rate(interval, (burst - 1) * interval)


def wait_for(tat: int, now: int, rate: Rate) -> float:
    """Seconds until a unit may come."""
    return max(tat - now - rate.tolerance, 0) / SECOND
