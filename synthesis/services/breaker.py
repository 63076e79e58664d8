"""The breaker of an endpoint, shared by all workers: conditional UPDATEs of its traffic, made by those whom something has failed, and once
by each client that knows nothing yet.

Opened, it lets nobody ask for a while, doubling; then whoever comes first is the one probe among all workers. While that is under way
``open_until`` lies further ahead than any opening does, so that a probe whose worker dies is followed by another. Before it opens, doubters
ask in turn: eight workers that start beside an endpoint that is down, or that it fails one after another, need not all find out for
themselves.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db.models import F, QuerySet

from synthesis.engine.chat.gate import Barrier
from synthesis.engine.chat.traffic import Breaker
from synthesis.models import EndpointTraffic

MICRO = 1_000_000
SHAPE = Breaker()
"""Its limit and its times."""
TURN = 2 * MICRO
"""How long a turn lasts that nothing is heard of: the endpoint may be slow."""
LATELY = 60 * MICRO
"""For how long something good that was heard makes turns needless."""


class Seen(NamedTuple):
    """The breaker as it was read."""

    failures: int = 0
    openings: int = 0
    open_until: int = 0
    turn_until: int = 0
    heard: int = 0


class SharedBreaker:
    """Of one endpoint. ``clock`` is seconds since 1970; a probe is given up for dead after ``try_seconds``."""

    def __init__(self, endpoint_id: int, try_seconds: float, clock: Callable[[], float]) -> None:
        self.endpoint_id, self.clock = endpoint_id, clock
        self.probe_life = int((max(try_seconds, SHAPE.longest) + 5) * MICRO)

    def barrier(self, *, fresh: bool = False) -> Barrier:
        """Whether somebody may ask; as the probe: nobody else may until it is answered. ``fresh``: who asks knows nothing yet."""
        now, seen = self._now(), self._read()
        if seen.failures < SHAPE.limit:
            known = not seen.failures and (not fresh or seen.heard > now - LATELY)
            return Barrier(closed=True) if known else self._turn(seen, now)
        if seen.open_until > now:
            return Barrier(self._left(seen, now))
        if self._rows(seen).update(open_until=now + self.probe_life):
            return Barrier(probe=True)
        return Barrier(SHAPE.first)

    def _turn(self, seen: Seen, now: int) -> Barrier:
        """Leave to find out, for one at a time."""
        if seen.turn_until > now:
            return Barrier(busy=True)
        EndpointTraffic.objects.get_or_create(endpoint_id=self.endpoint_id)
        mine = self._all().filter(failures=seen.failures, turn_until=seen.turn_until).update(turn_until=now + TURN)
        return Barrier(busy=not mine)

    def failed(self, *, probe: bool) -> float:
        """Count a failure; seconds for which nobody may ask after it."""
        now, rows = self._now(), self._all()
        if not rows.update(failures=F("failures") + 1, turn_until=0):
            EndpointTraffic.objects.get_or_create(endpoint_id=self.endpoint_id)
            rows.update(failures=F("failures") + 1)
        seen = self._read()
        if seen.failures < SHAPE.limit:
            return 0.0
        if probe or seen.open_until <= now:
            wait = min(SHAPE.first * 2.0**seen.openings, SHAPE.longest)
            if self._rows(seen).update(open_until=now + int(wait * MICRO), openings=seen.openings + 1):
                return wait
            seen = self._read()
        return self._left(seen, now)

    def released(self) -> None:
        """The probe was called off: the next one may come at once."""
        now = self._now()
        self._all().filter(open_until__gt=now + int(SHAPE.longest * MICRO)).update(open_until=now)

    def succeeded(self) -> None:
        """The endpoint answers."""
        self._all().update(failures=0, openings=0, open_until=0, turn_until=0, heard=self._now())

    def _left(self, seen: Seen, now: int) -> float:
        """Seconds until it is worth asking again: a probe is answered sooner than it is given up."""
        left = (seen.open_until - now) / MICRO
        return SHAPE.first if left > SHAPE.longest else max(left, 0.001)

    def _now(self) -> int:
        return int(self.clock() * MICRO)

    def _read(self) -> Seen:
        row = self._all().values_list(*Seen._fields).first()
        return Seen(*row) if row else Seen()

    def _all(self) -> QuerySet[EndpointTraffic]:
        """The row, whatever stands in it."""
        return EndpointTraffic.objects.filter(endpoint_id=self.endpoint_id)

    def _rows(self, seen: Seen) -> QuerySet[EndpointTraffic]:
        """The row, if it is still as it was read."""
        return self._all().filter(failures__gte=SHAPE.limit, openings=seen.openings, open_until=seen.open_until)
