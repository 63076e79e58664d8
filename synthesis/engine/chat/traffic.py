"""How many calls one process has in flight at an endpoint, and when it asks none at all. Times are seconds of a clock handed in."""

import msgspec

FEWEST = 1.0


class Width(msgspec.Struct):
    """Adaptive concurrency: down a fifth on rate limiting, up 5 % for every clean round (as many good answers as there are places).

    Additive-increase schemes recover too slowly from a halved limit and multiplicative ones overshoot; these figures hover just below it.
    """

    most: int
    places: float = 0.0
    good: int = 0
    lowered_at: float = -1e9

    def __post_init__(self) -> None:
        self.places = self.places or float(self.most)

    @property
    def now(self) -> int:
        """Places at this moment."""
        return max(int(self.places), 1)

    def succeeded(self) -> None:
        """An answer came."""
        self.good += 1
        if self.good >= self.places:
            self.good, self.places = 0, min(self.places * 1.05, float(self.most))

    def limited(self, now: float) -> None:
        """The endpoint said that there is too much. Answers to one burst come together and count once a second."""
        if now - self.lowered_at >= 1.0:
            self.places, self.good, self.lowered_at = max(self.places * 0.8, FEWEST), 0, now


class Breaker(msgspec.Struct):
    """After ``limit`` failures in a row nobody is asked for a while: ``first`` seconds, doubling up to ``longest``; then one probe goes.

    Only failures of the endpoint count (unreachable, overloaded, garbled, too slow), never those of a question. The times let six probes
    go in five minutes, and make nobody wait for a minute: who is put off by ``longest`` comes back a tenth later at most.
    """

    limit: int = 3
    first: float = 12.0
    longest: float = 54.0
    failures: int = 0
    openings: int = 0
    until: float = 0.0
    probing: bool = False

    def wait(self, now: float) -> float:
        """Seconds until somebody may ask; 0 now. When the time is over, the first who asks is the probe and the others wait on."""
        if self.failures < self.limit:
            return 0.0
        if now < self.until:
            return self.until - now
        if self.probing:
            return self.first
        self.probing = True
        return 0.0

    def succeeded(self) -> None:
        """An answer came, good or bad: the endpoint lives."""
        self.failures = self.openings = 0
        self.probing = False

    def failed(self, now: float) -> None:
        """No answer came."""
        self.failures += 1
        if self.failures >= self.limit:
            self.until = now + min(self.first * 2**self.openings, self.longest)
            self.openings, self.probing = self.openings + 1, False

    def opened(self, now: float, wait: float) -> None:
        """Others found that nobody should ask for ``wait`` seconds."""
        self.failures, self.until, self.probing = max(self.failures, self.limit), now + wait, False

    def released(self) -> None:
        """The probe was called off before it was answered."""
        self.probing = False
