"""Group commit: many logs in one transaction, each guarded by its own condition."""

import asyncio
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from synthesis.engine.episode.events import Event as Step
from synthesis.engine.episode.ports import LostEpisode
from synthesis.models import Episode, EpisodeTruth, Event
from synthesis.services.claims import claim_queued
from synthesis.services.database import DatabaseThread
from synthesis.services.event_writer import Append, EpisodeLog, EventWriter, write_appends
from tests.builders_runs import LEASE, a_run, a_slice, install, queued

pytestmark = pytest.mark.django_db(transaction=True)


def steps(first: int, count: int, text: str = "hi") -> list[Step]:
    """``count`` messages from ``first`` on."""
    return [Step(seq, "message", 1, text, {"role": "user", "text": text}) for seq in range(first, first + count)]


def end(seq: int) -> Step:
    """The end of a log."""
    return Step(seq, "episode_ended", 2, "user_done", {"reason": "user_done", "digest": "d" * 64, "totals": {"turns": 2, "calls": 5}})


@pytest.fixture
def claimed() -> list[tuple[int, int]]:
    """Three claimed episodes as (id, epoch)."""
    install()
    run = a_run(3, slip_rate=1.0)
    queued(run)
    claims = claim_queued(run_id=run.pk, holder=a_slice(run), limit=3, lease=LEASE, now=timezone.now())
    return [(claim.id, claim.epoch) for claim in claims]


def test_all_episodes_are_written_in_one_transaction_with_few_statements(
    claimed: list[tuple[int, int]], django_assert_num_queries: Callable[[int], object]
) -> None:
    appends = [Append(episode, epoch, steps(0, 4)) for episode, epoch in claimed]
    with django_assert_num_queries(4):  # type: ignore[attr-defined]  # begin, guard, insert, commit
        assert write_appends(appends, timezone.now()) == {episode for episode, _ in claimed}
    assert list(Episode.objects.order_by("index").values_list("next_seq", flat=True)) == [4, 4, 4]
    assert list(Event.objects.values_list("seq", flat=True)) == [0, 1, 2, 3] * 3


@pytest.mark.parametrize("why", ["epoch", "seq", "status"])
def test_an_episode_that_is_not_ours_is_left_out_and_the_others_are_written(claimed: list[tuple[int, int]], why: str) -> None:
    (first, epoch), *others = claimed
    if why == "status":
        Episode.objects.filter(pk=first).update(status="cancelled")
    foreign = Append(first, epoch + (why == "epoch"), steps(1 if why == "seq" else 0, 2))
    taken = write_appends([foreign, *(Append(episode, number, steps(0, 2)) for episode, number in others)], timezone.now())
    assert taken == {episode for episode, _ in others}
    assert not Event.objects.filter(episode=first).exists()
    assert Event.objects.count() == 4


def test_the_end_moves_the_episode_in_the_same_transaction(claimed: list[tuple[int, int]]) -> None:
    episode, epoch = claimed[0]
    write_appends([Append(episode, epoch, [*steps(0, 1), end(1)])], timezone.now())
    row = Episode.objects.get(pk=episode)
    assert (row.status, row.outcome, row.digest, row.turns, row.calls, row.next_seq) == ("played", "user_done", "d" * 64, 2, 5, 2)
    assert write_appends([Append(episode, epoch, steps(2, 1))], timezone.now()) == set()


def test_a_slip_is_kept_aside_in_the_transaction_of_its_move(claimed: list[tuple[int, int]]) -> None:
    episode, epoch = claimed[0]
    write_appends([Append(episode, epoch, steps(0, 1), '{"kind":"wrong_record","note":"n"}')], timezone.now())
    assert EpisodeTruth.objects.get(episode=episode).slip == {"kind": "wrong_record", "note": "n"}
    assert EpisodeTruth.objects.filter(slip__isnull=True).count() == 2


def test_what_gathers_while_a_transaction_is_written_goes_into_the_next(claimed: list[tuple[int, int]]) -> None:
    async def play() -> EventWriter:
        async with DatabaseThread("test") as database, EventWriter(database) as writer:

            async def one(episode: int, epoch: int) -> None:
                log = EpisodeLog(writer, episode, epoch, lambda: None)
                for seq in range(10):
                    await log.append(steps(seq, 1))
                assert [event.seq for event in log.events] == list(range(10))

            await asyncio.gather(*(one(*key) for key in claimed))
        return writer

    writer = asyncio.run(play())
    assert writer.events == Event.objects.count() == 30
    assert writer.transactions <= 12


def test_losing_an_episode_reaches_that_episode_alone(claimed: list[tuple[int, int]]) -> None:
    async def play() -> list[BaseException | None]:
        async with DatabaseThread("test") as database, EventWriter(database) as writer:
            logs = [EpisodeLog(writer, episode, epoch + (n == 1), lambda: None) for n, (episode, epoch) in enumerate(claimed)]
            return list(await asyncio.gather(*(log.append(steps(0, 1)) for log in logs), return_exceptions=True))

    results = asyncio.run(play())
    assert [type(result) for result in results] == [type(None), LostEpisode, type(None)]


def test_a_broken_database_reaches_everyone_and_ends_the_writer(claimed: list[tuple[int, int]]) -> None:
    async def play() -> list[BaseException | None]:
        async with DatabaseThread("test") as database, EventWriter(database) as writer:
            await database.run(break_database)
            first = await asyncio.gather(*(writer.append(Append(*key, steps(0, 1))) for key in claimed), return_exceptions=True)
            second = await asyncio.gather(writer.append(Append(*claimed[0], steps(0, 1))), return_exceptions=True)
            await database.run(mend_database)
            return [*first, *second]

    assert all(isinstance(result, DatabaseError) for result in asyncio.run(play()))
    assert not Event.objects.exists()


def break_database() -> None:
    """Take the table of events away."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE synthesis_event RENAME TO synthesis_event_away")


def mend_database() -> None:
    """Give it back."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE synthesis_event_away RENAME TO synthesis_event")


def test_dirty_payloads_and_heads_are_stored_clean(claimed: list[tuple[int, int]]) -> None:
    episode, epoch = claimed[0]
    dirty = Step(0, "message", 1, "a\x00b\ud800", {"role": "user", "text": "a\x00\ud800", "n": float("nan")})
    assert write_appends([Append(episode, epoch, [dirty])], timezone.now()) == {episode}
    row = Event.objects.get(episode=episode)
    assert row.payload == {"role": "user", "text": "a\ufffd\ufffd", "n": None, "cleaned": 2}
    assert row.head == "ab?"
