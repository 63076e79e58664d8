"""Seats played by hand: the episode waits without a worker, goes on after each move, and is judged like any other."""

import pytest
from django.contrib.auth.models import User

from judging.models import Judgement
from studio.models import AuditEntry
from studio.pipelines.forking import fork
from studio.pipelines.taking_over import hand_of, take_turn
from synthesis.engine.episode.seats import AgentMove, UserMove
from synthesis.engine.participants.forking import FaultChoice
from synthesis.engine.tools import ToolCall
from synthesis.models import Episode
from synthesis.selectors import runs
from synthesis.selectors.episodes import episode_get
from synthesis.services.hand import NotYourTurn
from synthesis.services.runs import run_resume
from tests.studio.pipelines.test_forking import log_of, play, played

pytestmark = pytest.mark.django_db(transaction=True)


def taken(owner: User, origin: Episode, seq: int, *seats: str) -> Episode:
    """A fork in which a person plays ``seats``."""
    made = fork(actor=owner, episode_id=origin.pk, seq=seq, persona="", agent="", faults=FaultChoice(), by_hand=seats)
    return again(made)


def again(episode: Episode) -> Episode:
    found = episode_get(episode.pk)
    assert found is not None
    return found


def say(owner: User, episode: Episode, move: UserMove | AgentMove) -> Episode:
    """Make the move, let the workers do theirs."""
    take_turn(actor=owner, episode=episode, seq=episode.next_seq, move=move)
    assert again(episode).run.status == "running"
    play(again(episode).run)
    return again(episode)


def test_a_person_plays_the_user_to_the_end(owner: User) -> None:
    origin = played()
    words = [(seq, e[4]["text"], e[4].get("done", False)) for seq, e in enumerate(log_of(origin)) if e[4].get("role") == "user"]
    made = taken(owner, origin, 0, "user")
    assert (made.status, made.run.status, hand_of(made).turn) == ("queued", "paused", "user"), "nobody was needed to find that out"
    for _, text, done in words:
        assert hand_of(made).turn == "user"
        made = say(owner, made, UserMove(text, done=done))
    assert (made.status, made.digest, hand_of(made).over) == ("judged", origin.digest, True)
    assert Judgement.objects.get(episode=made).passed
    assert made.cast["seats"]["user"] == "person"


def test_a_person_plays_the_agent_with_calls_that_workers_execute(owner: User) -> None:
    origin = played()
    made = taken(owner, origin, 1, "agent")
    assert hand_of(made).turn == "agent"
    for event in log_of(origin)[2:]:
        payload = event[4]
        if payload.get("role") != "agent":
            continue
        calls = [ToolCall(f"mine{n}_{event[0]}", call["name"], call["arguments"]) for n, call in enumerate(payload.get("tool_calls", []))]
        made = say(owner, made, AgentMove(payload["text"], calls))
        if hand_of(made).over:
            break
    assert (made.status, made.digest) == ("judged", origin.digest)


def test_a_worker_that_meets_an_empty_seat_leaves_it_and_holds_nothing(owner: User) -> None:
    origin = played()
    made = taken(owner, origin, 1, "user")
    assert made.run.status == "running", "the agent is to move, so a worker is wanted"
    play(made.run)
    made = again(made)
    assert (made.status, made.holder, made.lease_until, made.run.status) == ("queued", None, None, "paused")
    assert hand_of(made).turn == "user"
    assert made.run_id not in runs.runs_under_way()
    run_resume(run_id=made.run_id)
    play(made.run)
    assert again(made).run.status == "paused", "who resumes such a run wakes nobody"
    assert again(made).next_seq == made.next_seq


def test_only_the_awaited_seat_may_move_and_only_once(owner: User) -> None:
    origin = played()
    made = taken(owner, origin, 0, "user")
    entries = AuditEntry.objects.count()
    for seq, move in (
        (made.next_seq, AgentMove("I answer")),
        (made.next_seq - 1, UserMove("late")),
        (made.next_seq + 1, UserMove("early")),
    ):
        with pytest.raises(NotYourTurn):
            take_turn(actor=owner, episode=made, seq=seq, move=move)
    assert AuditEntry.objects.count() == entries
    take_turn(actor=owner, episode=made, seq=made.next_seq, move=UserMove("Hello"))
    with pytest.raises(NotYourTurn):
        take_turn(actor=owner, episode=made, seq=made.next_seq, move=UserMove("Hello again"))
    assert AuditEntry.objects.latest("pk").note == "played the user by hand"
    assert log_of(made)[-1][4] == {"role": "user", "text": "Hello"} | {
        k: v for k, v in log_of(made)[-1][4].items() if k not in {"role", "text"}
    }


def test_a_fork_of_such_an_episode_is_played_by_itself(owner: User) -> None:
    origin = played()
    made = taken(owner, origin, 0, "user")
    other = fork(actor=owner, episode_id=made.pk, seq=made.next_seq - 1, persona="", agent="", faults=FaultChoice())
    play(other.run)
    assert (again(other).status, again(other).digest) == ("judged", origin.digest)


@pytest.mark.parametrize("seat", ["user", "agent"])
def test_without_such_a_seat_nothing_can_be_moved(owner: User, seat: str) -> None:
    origin = again(played())
    assert hand_of(origin).seats == []
    with pytest.raises(NotYourTurn):
        take_turn(actor=owner, episode=origin, seq=origin.next_seq, move=UserMove("x") if seat == "user" else AgentMove("x"))
