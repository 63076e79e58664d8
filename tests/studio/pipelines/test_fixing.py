"""Fixing from the first wrong message: on every kind of slip the repaired trajectory passes its checks and makes a preference pair."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from judging.engine.formats.canonical import CanonicalMessage, conversation
from judging.engine.formats.pairs import Pair, pair_of
from judging.models import Judgement, PreferencePair
from judging.services.datasets import dataset_build
from judging.services.exports import export_write
from judging.services.pairs import pairs_find, pairs_settle
from studio.models import AuditEntry
from studio.pipelines.fixing import fix, propose, repair_failures
from synthesis.engine.episode.trajectory import read_trajectory
from synthesis.engine.participants.cast import SLIPS
from synthesis.engine.participants.fixing import Correction
from synthesis.engine.participants.forking import CannotFork
from synthesis.models import Budget, Episode, EpisodeTruth, Event, Run
from synthesis.services.claims import read_logs
from synthesis.services.gate import budget_set
from synthesis.services.people import people_install
from tests.builders_participants import PERSONAS, PROFILES
from tests.builders_runs import a_run, install
from tests.studio.pipelines.test_forking import log_of, play

pytestmark = pytest.mark.django_db(transaction=True)
ROOM_FOR = {"ignored_error": ["wrong_value"], "policy_broken": ["plain", "forbidden"]}
"""Variations in which a slip has room, where not in plain ones."""


def slipped(slip: str, episodes: int = 4) -> list[Episode]:
    """Episodes that failed by this slip."""
    install("vet_clinic")
    people_install(personas=PERSONAS, profiles=PROFILES)
    run = a_run(episodes, variations=ROOM_FOR.get(slip, ["plain"]), slip_rate=1.0)
    EpisodeTruth.objects.filter(episode__run=run).update(planned_slip=slip)
    play(run)
    failed = Episode.objects.filter(run=run, judgements__passed=False, judgements__decides=True).order_by("index")
    return [one for one in failed if (EpisodeTruth.objects.get(episode=one).slip or {}).get("kind") == slip]


def mended(owner: User, origin: Episode, correction: Correction | None = None, seq: int | None = None) -> tuple[Episode, int]:
    """The origin fixed where it is proposed, played to its end, and the number of the message that was replaced."""
    proposal = propose(episode_id=origin.pk, seq=seq)
    made = fix(actor=owner, episode_id=origin.pk, seq=proposal.mistake.seq, correction=correction or proposal.correction)
    play(made.run)
    made.refresh_from_db()
    return made, proposal.mistake.seq


def said(episode: Episode) -> list[CanonicalMessage]:
    return list(conversation(read_trajectory(read_logs([episode.pk])[episode.pk])))


@pytest.mark.parametrize("slip", SLIPS)
def test_every_kind_of_slip_is_repaired(owner: User, slip: str) -> None:
    failed = slipped(slip)
    assert failed, f"no episode failed by {slip}"
    for origin in failed[:2]:
        made, marked = mended(owner, origin)
        assert log_of(made)[:marked] == log_of(origin)[:marked], "what stands before the mistake is the same, byte for byte"
        verdict = Judgement.objects.get(episode=made, decides=True)
        assert (made.status, verdict.passed) == ("judged", True), verdict.reason
        assert not EpisodeTruth.objects.filter(episode=made, slip__isnull=False).exists()
        pairs_settle()
        pair = PreferencePair.objects.get(chosen=made)
        assert (pair.state, pair.rejected_id, pair.marked, pair.made_by_id) == ("good", origin.pk, marked, owner.pk), pair.reason
        parted = pair_of(said(made), said(origin))
        assert isinstance(parted, Pair)
        assert parted.rejected.event == marked, "they part at the marked message"
        assert parted.at == pair.at
        assert parted.prompt == [message for message in said(origin) if message.event < marked]


def test_words_of_ones_own_count_as_what_was_to_be_said(owner: User) -> None:
    origin = slipped("invented_result")[0]
    right = propose(episode_id=origin.pk).correction
    made, marked = mended(owner, origin, Correction(f"So. {right.text}"))
    assert log_of(made)[marked + 1][4]["text"] == f"So. {right.text}"
    assert Judgement.objects.get(episode=made, decides=True).passed
    reports = [e for e in log_of(made)[marked + 2 :] if e[1] == "message" and e[4]["role"] == "agent" and right.text in e[4]["text"]]
    assert not reports, "nothing is reported twice"


def test_a_corrected_call_really_executes(owner: User) -> None:
    origin = slipped("wrong_argument")[0]
    proposal = propose(episode_id=origin.pk)
    made, marked = mended(owner, origin)
    [call] = log_of(made)[marked + 1][4]["tool_calls"]
    assert call["arguments"] == proposal.correction.calls[0]["arguments"]
    result = next(e for e in log_of(made)[marked + 2 :] if e[5] == call["id"])
    assert "result" in result[4]
    assert Run.objects.get(pk=made.run_id).options["fork"]["corrects"] == marked
    assert AuditEntry.objects.filter(action="runs.start", object_id=str(made.run_id)).exists()


@pytest.mark.parametrize(
    ("correction", "says"),
    [
        (Correction(), "Write what the agent says"),
        (Correction("", [{"name": "launch_rocket", "arguments": {}}]), "no tool 'launch_rocket'"),
        (Correction("", [{"name": "find_owner", "arguments": "x"}]), "JSON object"),
    ],
)
def test_what_nobody_could_say_is_refused_and_nothing_is_written(owner: User, correction: Correction, says: str) -> None:
    origin = slipped("needless_call")[0]
    before = (Run.objects.count(), PreferencePair.objects.count(), AuditEntry.objects.count())
    seq = propose(episode_id=origin.pk).mistake.seq
    with pytest.raises(CannotFork, match=says):
        fix(actor=owner, episode_id=origin.pk, seq=seq, correction=correction)
    assert (Run.objects.count(), PreferencePair.objects.count(), AuditEntry.objects.count()) == before


def test_only_messages_are_corrected_and_the_first_has_nothing_before_it(owner: User) -> None:
    origin = slipped("wrong_argument")[0]
    result = Event.objects.filter(episode=origin, kind="tool_result").values_list("seq", flat=True).first()
    with pytest.raises(CannotFork, match="Only a message"):
        fix(actor=owner, episode_id=origin.pk, seq=int(result or 0), correction=Correction("x"))
    with pytest.raises(CannotFork, match="no such step"):
        propose(episode_id=origin.pk, seq=10_000)


def test_a_fix_that_fails_makes_no_pair_and_says_why(owner: User) -> None:
    origin = slipped("premature_end")[0]
    made, _ = mended(owner, origin, Correction("I cannot help you with that. Goodbye.", done=True))
    pairs_settle()
    pair = PreferencePair.objects.get(chosen=made)
    assert pair.state == "refused"
    assert "failed as well" in pair.reason


def test_plays_of_one_scenario_make_natural_pairs_once(owner: User) -> None:
    origin = slipped("wrong_argument")[0]
    made, _ = mended(owner, origin)
    PreferencePair.objects.all().delete()
    Episode.objects.filter(pk=made.pk).update(run=origin.run, index=1000)
    assert pairs_find(run_id=origin.run_id, now=origin.run.created) == 1
    assert pairs_find(run_id=origin.run_id, now=origin.run.created) == 0
    pairs_settle()
    pair = PreferencePair.objects.get()
    assert (pair.kind, pair.state, pair.chosen_id, pair.rejected_id) == ("natural", "good", made.pk, origin.pk)


def test_good_pairs_leave_with_the_better_play(owner: User, tmp_path: Path) -> None:
    """A row has the columns of TRL's conversational preference data; both turns follow the same prompt, whose calls are paired."""
    origin = slipped("wrong_argument")[0]
    made, _ = mended(owner, origin)
    pairs_settle()
    [export] = export_write(version=dataset_build(run=made.run), formats=["preference"], directory=tmp_path)
    [row] = map(json.loads, Path(export.path).read_text("utf-8").splitlines())
    assert set(row) == {"prompt", "chosen", "rejected", "tools"}
    assert row["prompt"][0]["role"] == "system"
    assert row["prompt"][-1]["role"] in {"user", "tool"}
    [chosen], [rejected] = row["chosen"], row["rejected"]
    assert chosen["role"] == rejected["role"] == "assistant"
    ids = [call["id"] for message in row["prompt"] for call in message.get("tool_calls", [])]
    assert ids == [message["tool_call_id"] for message in row["prompt"] if message["role"] == "tool"]
    [better], [worse] = chosen["tool_calls"], rejected["tool_calls"]
    assert isinstance(better["function"]["arguments"], dict)
    assert better["function"]["arguments"] != worse["function"]["arguments"]
    assert export.rows == 1


def test_repairs_are_bounded_and_answered_like_the_run_that_they_mend(owner: User) -> None:
    failed = slipped("wrong_argument")
    verdict = Judgement.objects.get(episode=failed[0], decides=True)
    limits = {**failed[0].run.limits, "max_cost": 250_000, "max_turns": 17}
    judge = {"kind": "programmatic", "endpoints": [], "rubric": verdict.rubric_version.digest}
    Run.objects.filter(pk=failed[0].run_id).update(limits=limits, judge=judge, options={"simulate": "all", "pilot_for": 40})
    budget_set(run_id=failed[0].run_id, limit=1_000_000)
    made = repair_failures(actor=owner, run_id=failed[0].run_id, party=verdict.party, tag=verdict.tag)
    assert made.episodes == made.run.episodes
    assert (made.run.limits, made.run.judge) == (limits, judge)
    assert made.run.options == {"repairs": failed[0].run_id, "simulate": "all"}
    assert Budget.objects.get(pk=made.run.pk).limit == 250_000 * made.episodes, "as much each as there"


def test_a_log_that_no_seat_can_follow_is_corrected_by_hand_and_left_out_where_many_are_repaired(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a scenario whose tools the seat does not know: the page still works, and nothing is played again as it was."""
    origin = slipped("wrong_argument")[0]
    verdict = Judgement.objects.get(episode=origin, decides=True)

    def lost(*_arguments: object) -> None:
        raise KeyError("move_visit")

    monkeypatch.setattr("synthesis.services.fixes.ScriptedAgent.observe", lost)
    proposal = propose(episode_id=origin.pk)
    was = Event.objects.get(episode=origin, seq=proposal.mistake.seq).payload
    assert not proposal.better
    assert proposal.correction.text == was["text"]
    assert [call["arguments"] for call in proposal.correction.calls] == [call["arguments"] for call in was["tool_calls"]]
    with pytest.raises(CannotFork, match="nothing to repair"):
        repair_failures(actor=owner, run_id=origin.run_id, party=verdict.party, tag=verdict.tag)
    assert Run.objects.count() == 1
