"""Processes of the serving command: started again later each time, ended with all they started, and never left behind."""

from collections.abc import Iterator

import pytest

from studio.management.supervision import FIRST_WAIT, LONGEST_WAIT, STEADY_SECONDS, Child
from tests.studio.installation import descendants, kill, until
from tests.studio.test_kill import alive


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def steady() -> Iterator[Child]:
    child = Child("steady one", "http.server", ["--bind", "127.0.0.1", "0"], more={})
    child.start()
    yield child
    child.end(0)


def running(child: Child) -> int | None:
    """Its process id, if it was started and nobody has noticed its end."""
    return child.process.pid if child.process else None


def dead(child: Child) -> str:
    """What is told of it once it has ended."""
    assert child.process
    child.process.wait(10)
    return child.look()


def test_one_that_dies_is_started_again_later_each_time(clock: Clock) -> None:
    child = Child("fickle one", "this", [], more={}, clock=clock)
    child.start()
    waits: list[float] = []
    for _ in range(8):
        news = dead(child)
        assert news.startswith("The fickle one ended (code 0); it is started again in ")
        wait = float(news.split()[-2])
        assert child.look() == ""
        assert running(child) is None, "its time has not come"
        clock.now += wait
        assert child.look() == ""
        assert running(child)
        waits.append(wait)
    assert waits == [FIRST_WAIT * 2**n for n in range(6)] + [LONGEST_WAIT] * 2
    clock.now += STEADY_SECONDS
    assert f"in {FIRST_WAIT:.0f} s" in dead(child), "after a steady time it starts afresh"


def test_the_reason_is_told(steady: Child) -> None:
    assert steady.look() == ""
    assert steady.process
    kill(steady.process.pid)
    steady.process.wait(10)
    assert "signal SIGKILL" in steady.look()


def test_it_ends_when_asked(steady: Child) -> None:
    steady.ask_to_end()
    steady.end(10)
    assert not steady.alive()


def test_one_that_does_not_end_is_ended_with_all_it_started() -> None:
    child = Child("stubborn one", "tests.fakes.stubborn", [], more={})
    child.start()
    assert child.process
    pid = child.process.pid
    until(lambda: descendants(pid))
    family = descendants(pid)
    child.ask_to_end()
    child.end(0.3)
    until(lambda: not any(alive(one) for one in [pid, *family]), 10)


def test_it_ends_when_its_parent_is_gone(steady: Child) -> None:
    """The kernel closes a dead parent's end of the pipe; here the test does."""
    assert steady.process and steady.process.stdin
    steady.process.stdin.close()
    steady.process.wait(10)


@pytest.mark.slow
def test_it_ends_with_its_parent_even_if_it_does_not_want_to() -> None:
    child = Child("stubborn one", "tests.fakes.stubborn", [], more={})
    child.start()
    assert child.process and child.process.stdin
    pid = child.process.pid
    until(lambda: descendants(pid))
    family = descendants(pid)
    child.process.stdin.close()
    child.process.wait(20)
    until(lambda: not any(alive(one) for one in family), 10)
