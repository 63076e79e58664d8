"""Progress of a run on standard error: a bar on a terminal, a line now and then elsewhere."""

from collections import deque
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

LINE_SECONDS = 5.0
RATE_SECONDS = 15.0
"""Window over which the rate is measured."""
DONE = ("judged", "unfilled", "failed", "cancelled")


class Shown(Protocol):
    """What shows progress."""

    def show(self, counts: Mapping[str, int]) -> None:
        """Episodes by status, as of now."""

    def __enter__(self) -> "Shown": ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Rate:
    """Episodes per second over the last RATE_SECONDS, and what is left at that rate."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.points: deque[tuple[float, int]] = deque()

    def note(self, done: int, now: float) -> None:
        """``done`` episodes at ``now``."""
        self.points.append((now, done))
        while now - self.points[0][0] > RATE_SECONDS and len(self.points) > 2:
            self.points.popleft()

    @property
    def per_second(self) -> float:
        """0 before two points with time between them are known."""
        (start, first), (end, last) = self.points[0], self.points[-1]
        return (last - first) / (end - start) if end > start else 0.0

    def words(self) -> str:
        """``41.2/s, 18 s left``."""
        rate = self.per_second
        if not rate:
            return "starting"
        return f"{rate:.1f}/s, {duration((self.total - self.points[-1][1]) / rate)} left"


def duration(seconds: float) -> str:
    """``75`` is ``1 min 15 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class Lines:
    """A line every LINE_SECONDS, for logs."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self.stream, self.total, self.rate, self.last = stream, total, Rate(total), monotonic()

    def show(self, counts: Mapping[str, int]) -> None:
        """See Shown."""
        done, now = finished(counts), monotonic()
        self.rate.note(done, now)
        if now - self.last >= LINE_SECONDS:
            self.last = now
            self.stream.write(f"{done:,}/{self.total:,} episodes, {self.rate.words()}\n")
            self.stream.flush()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: Any) -> None:
        self.stream.flush()


class Bar:
    """A bar with rate and time left."""

    def __init__(self, total: int) -> None:
        self.rate = Rate(total)
        columns = (TextColumn("episodes"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[words]}"))
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task("episodes", total=total, words="starting")

    def show(self, counts: Mapping[str, int]) -> None:
        """See Shown."""
        done = finished(counts)
        self.rate.note(done, monotonic())
        self.progress.update(self.task, completed=done, words=self.rate.words())

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.progress.stop()


def finished(counts: Mapping[str, int]) -> int:
    """How many episodes need no more work."""
    return sum(counts.get(status, 0) for status in DONE)


def shown(stream: TextIO, total: int) -> Shown:
    """A bar on a terminal, lines elsewhere. ``stream`` is standard error, wrapped or not."""
    return Bar(total) if stream.isatty() else Lines(stream, total)
