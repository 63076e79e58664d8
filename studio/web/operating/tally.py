"""Requests that this process has answered, by route and status, and how long they took. Nothing about who asked."""

from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import accumulate
from threading import Lock
from time import time

from studio.pipelines.measures import Family, Sample, histogram

EDGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. 0.3 is what a list of 10,000 episodes may take."""


class Tally:
    """Counts since the process began. Routes are names of URL patterns, so there are no more of them than pages."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.began = time()
        self.answered: Counter[tuple[str, str, int]] = Counter()
        self.classes: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(EDGES) + 1))
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def note(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """One more."""
        with self.lock:
            self.answered[route, method, status] += 1
            self.classes[route][bisect_left(EDGES, seconds)] += 1
            self.seconds[route] += seconds

    def families(self) -> list[Family]:
        """As a monitoring system takes them."""
        with self.lock:
            answered, seconds = dict(self.answered), dict(self.seconds)
            classes = {route: list(numbers) for route, numbers in self.classes.items()}
        requests = [
            Sample(number, {"route": route, "method": method, "status": str(status)})
            for (route, method, status), number in answered.items()
        ]
        durations: list[Sample] = []
        for route, numbers in classes.items():
            up_to = dict(zip(EDGES, accumulate(numbers), strict=False))
            durations += histogram({"route": route}, up_to, sum(numbers), seconds[route])
        return [
            Family("studio_http_requests_total", "counter", "Requests that this process has answered.", requests),
            Family("studio_http_request_duration_seconds", "histogram", "Until the answer begins.", durations),
            Family("studio_process_start_time_seconds", "gauge", "When this process began.", [Sample(self.began)]),
        ]


TALLY = Tally()
