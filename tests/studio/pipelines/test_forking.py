"""Forks: the same beginning and the same world, then whoever was chosen, judged like any other."""

import asyncio
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from judging.engine.judges.spec import JudgeSpec
from judging.models import Judgement
from studio.models import AuditEntry
from studio.pipelines.forking import fork
from studio.pipelines.run_judge import RunJudge
from studio.pipelines.run_stage import RunSeats
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.engine.participants.forking import CannotFork, FaultChoice
from synthesis.engine.participants.wording import starter_wording
from synthesis.models import AgentProfile, Budget, Episode, EpisodeTruth, Event, Persona, Run
from synthesis.selectors.episodes import last_forkable
from synthesis.selectors.runs import run_last, run_newest
from synthesis.services.forks import episode_fork
from synthesis.services.gate import budget_set
from synthesis.services.people import people_install
from tests.builders_participants import PERSONAS, PROFILES
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.stage import LocalStage

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=64, seconds=60, idle=0.2, lease=5, heartbeat=0.5, grace=5)


class RealStage(LocalStage):
    """Scripted seats and the programmatic judge over worlds in this process."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.seats = RunSeats({pack.slug: pack for pack in self.packs.values()}, starter_wording())
        self.judge: Any = RunJudge(JudgeSpec(), self.packs)


def play(run: Run) -> None:
    asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=RealStage(run), limits=QUICK).run())


def played(variation: str = "plain", **arguments: Any) -> Episode:
    """An episode with at least one write, played to its end."""
    install()
    people_install(personas=PERSONAS, profiles=PROFILES)
    run = a_run(6, variations=[variation], languages=["en"], **arguments)
    play(run)
    return next(e for e in Episode.objects.filter(run=run, status="judged").order_by("index") if writes(e))


def log_of(episode: Episode) -> list[tuple[Any, ...]]:
    return list(Event.objects.filter(episode=episode).order_by("seq").values_list("seq", "kind", "turn", "head", "payload", "call_id"))


def writes(episode: Episode) -> list[int]:
    return [seq for seq, kind, _, _, payload, _ in log_of(episode) if kind == "tool_result" and payload["delta"]]


def forked(owner: User, origin: Episode, seq: int, *, persona: str = "", agent: str = "", faults: FaultChoice | None = None) -> Episode:
    """A fork, played to its end."""
    made = fork(actor=owner, episode_id=origin.pk, seq=seq, persona=persona, agent=agent, faults=faults or FaultChoice())
    play(made.run)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("variation", ["plain", "several_at_once", "changed_mind"])
def test_from_every_step_the_beginning_is_the_same_and_the_task_is_done_again(owner: User, variation: str) -> None:
    """User steps, agent steps, between the results of parallel calls: the world at the fork is the origin's, or its refold would fail."""
    origin = played(variation)
    log = log_of(origin)
    last = last_forkable(origin.pk)
    assert log[last + 1][4].get("done") or log[last + 1][1] == "user_feedback"
    for seq in range(last + 1):
        made = forked(owner, origin, seq)
        theirs = log_of(made)
        assert theirs[: seq + 1] == log[: seq + 1]
        assert theirs[seq + 1][1] == "note"
        assert (made.status, made.digest) == ("judged", origin.digest), f"forked at {seq}: {made.failure}"
        assert Judgement.objects.get(episode=made).passed
    runs = Run.objects.filter(options__has_key="fork")
    assert runs.count() == last + 1
    assert runs.latest("pk").options["fork"] == {"episode": origin.pk, "run": origin.run_id, "index": origin.index, "seq": last}


def test_another_agent_knows_what_was_done_and_speaks_in_its_own_way(owner: User) -> None:
    origin = played()
    seq = writes(origin)[-1]
    other = next(one for one in PROFILES if one.tone != origin.cast["agent"]["tone"])
    made = forked(owner, origin, seq, agent=other.slug)
    assert made.cast["agent"] == msgspec.to_builtins(other)
    assert made.digest == origin.digest
    assert len(writes(made)) == len(writes(origin)), "what was written before is not written again"
    assert AgentProfile.objects.get(slug=other.slug).profile == made.cast["agent"]


def test_another_persona_speaks_on(owner: User) -> None:
    origin = played()
    other = next(one for one in PERSONAS if one.language == "en" and one.slug != origin.cast["persona"]["slug"])
    made = forked(owner, origin, 1, persona=other.slug)
    assert made.cast["persona"]["slug"] == other.slug
    assert made.digest == origin.digest
    assert log_of(made)[0][4]["cast"]["persona"] == origin.cast["persona"], "the log says who began"
    assert Persona.objects.filter(slug=other.slug).exists()


def test_the_next_call_of_a_tool_meets_the_chosen_fault(owner: User) -> None:
    origin = played()
    seq = writes(origin)[-1]
    name = log_of(origin)[seq][4]["name"]
    asked = next(e[0] for e in log_of(origin) if any(c["id"] == log_of(origin)[seq][5] for c in e[4].get("tool_calls", [])))
    made = forked(owner, origin, asked, faults=FaultChoice("one", name, "timeout"))
    struck = [e[4] for e in log_of(made) if e[1] == "tool_result" and e[4].get("fault")]
    assert [(payload["name"], payload["fault"]["kind"]) for payload in struck] == [(name, "timeout")]
    assert made.scenario_id != origin.scenario_id
    assert made.digest == origin.digest, "the agent calls again and gets there"


def test_planned_faults_can_be_left_out(owner: User) -> None:
    origin = played("faulty_tools")
    assert any("fault" in e[4] for e in log_of(origin))
    assert not any("fault" in e[4] for e in log_of(forked(owner, origin, 0, faults=FaultChoice("none"))))
    assert any("fault" in e[4] for e in log_of(forked(owner, origin, 0)))


def test_a_planned_slip_stays_with_its_agent_and_leaves_with_it(owner: User) -> None:
    origin = played(slip_rate=1.0)
    planned = EpisodeTruth.objects.get(episode=origin).planned_slip
    same = forked(owner, origin, 0)
    assert EpisodeTruth.objects.get(episode=same).planned_slip == planned
    other = next(one for one in PROFILES if one.slug != origin.cast["agent"]["slug"])
    assert Judgement.objects.get(episode=forked(owner, origin, 0, agent=other.slug)).passed


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"seq": 10_000}, "no such step"),
        ({"seq": "end"}, "already over"),
        ({"seq": 1, "agent": "nobody"}, "no such agent"),
        ({"seq": 1, "persona": "plain_ko"}, "language"),
        ({"seq": 1, "faults": FaultChoice("one", "", "timeout")}, "Choose the tool"),
        ({"seq": 1, "faults": FaultChoice("one", "move_visit", "stale_read")}, "cannot strike"),
    ],
)
def test_what_cannot_be_forked_is_said_and_nothing_is_written(owner: User, wanted: dict[str, Any], says: str) -> None:
    origin = played()
    before = (Run.objects.count(), AuditEntry.objects.count())
    if wanted["seq"] == "end":
        wanted = {"seq": origin.next_seq - 1}
    if (choice := wanted.get("faults")) and choice.tool:
        name = log_of(origin)[writes(origin)[-1]][4]["name"]
        wanted = wanted | {"faults": FaultChoice("one", name, choice.kind)}
    with pytest.raises(CannotFork, match=says):
        fork(actor=owner, episode_id=origin.pk, **{"persona": "", "agent": "", "faults": FaultChoice(), **wanted})
    assert (Run.objects.count(), AuditEntry.objects.count()) == before


def test_a_fork_does_not_stand_for_the_newest_run(owner: User) -> None:
    origin = played()
    fork(actor=owner, episode_id=origin.pk, seq=2, persona="", agent="", faults=FaultChoice())
    newest = run_newest()
    assert newest is not None
    assert newest.pk == origin.run_id
    last = run_last()
    assert last is None or last.pk == origin.run_id


def test_a_fork_is_told_in_the_audit_trail(owner: User) -> None:
    origin = played()
    with transaction.atomic():
        made = fork(actor=owner, episode_id=origin.pk, seq=2, persona="", agent="", faults=FaultChoice())
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.kind, entry.object_id) == ("runs.start", "run", str(made.run_id))
    assert f"episode {origin.pk}" in entry.note


def test_a_fork_is_judged_like_its_origin_and_may_spend_as_much(owner: User) -> None:
    origin = played()
    judge = {"kind": "model", "endpoints": ["m"], "rubric": ""}
    Run.objects.filter(pk=origin.run_id).update(judge=judge)
    budget_set(run_id=origin.run_id, limit=6_000_003)
    run = episode_fork(episode_id=origin.pk, seq=1, now=timezone.now()).run
    assert run.judge == judge
    assert run.limits == Run.objects.get(pk=origin.run_id).limits
    assert run.budget.limit == 1_000_000, "one of six episodes"


def test_a_model_that_takes_the_place_of_a_program_is_bounded(owner: User) -> None:
    origin = played()
    before = Run.objects.get(pk=origin.run_id).limits
    run = episode_fork(episode_id=origin.pk, seq=1, now=timezone.now(), seats={"agent": "model:m"}).run
    assert (run.limits["max_turns"], run.limits["max_calls"]) == (before["max_turns"], before["max_calls"])
    assert run.limits["max_tokens"] > 0
    assert run.limits["wall_seconds"] > 0
    assert not Budget.objects.filter(pk=run.pk).exists()
