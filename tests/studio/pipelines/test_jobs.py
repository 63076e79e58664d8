"""What every job with a lease shares: called off when it is lost, and never because the database was away for a moment."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from studio.pipelines.jobs import Lost, beating, still_ours, watched

SOON = 0.001


class Lease:
    """Says what it is told to say, one answer for each beat; then that the job is still ours."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers: Iterator[bool | Exception] = iter(answers)
        self.beats = 0

    def prolong(self, *, by: int = 1) -> bool:
        self.beats += by
        answer = next(self.answers, True)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def go_on(self) -> bool:
        return still_ours("job 1", self.prolong)


async def until(reached: Callable[[], bool]) -> None:
    for _ in range(5000):
        if reached():
            return
        await asyncio.sleep(SOON)
    raise AssertionError("it was never reached")


async def work(lease: Lease, beats: int) -> int:
    await until(lambda: lease.beats >= beats)
    return lease.beats


async def test_work_goes_on_while_the_lease_is_prolonged() -> None:
    lease = Lease(True, OperationalError("the server closed the connection"), True)
    assert await watched(work(lease, 4), lease.go_on, SOON) >= 4


async def test_work_that_is_lost_is_called_off() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("called off")
            raise ValueError("while it was called off")

    with pytest.raises(Lost):
        await watched(endless(), Lease(True, False).go_on, SOON)
    assert ended == ["called off"]


async def test_what_work_raises_is_raised() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await watched(broken(), Lease().go_on, SOON)


async def test_work_that_is_paid_for_is_told_that_it_is_lost_and_not_called_off() -> None:
    lease = Lease(True, OperationalError("database is locked"), False)
    async with beating(lease.go_on, SOON) as lost:
        assert not lost()
        await until(lost)
    assert lease.beats == 3, "the database was away for a moment at the second; nobody beats for what is lost"


async def test_beating_ends_with_the_work() -> None:
    lease = Lease()
    async with beating(lease.go_on, SOON):
        await work(lease, 1)
    beats = lease.beats
    await asyncio.sleep(10 * SOON)
    assert lease.beats == beats


async def test_what_is_wrong_besides_the_database_being_away_is_told() -> None:
    with pytest.raises(TypeError):
        still_ours("job 1", Lease(TypeError("a mistake")).prolong, by=2)
