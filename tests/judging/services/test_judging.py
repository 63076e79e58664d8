"""From played episodes to files: judged once, sifted, exported byte for byte the same, with a funnel that adds up."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError

from judging.models import CheckResult, CriterionScore, DatasetVersion, Export, Judgement, Rubric, RubricVersion
from judging.selectors import funnel, kept_mix, slip_report
from judging.selectors.judgements import sheets
from judging.services import (
    ExportError,
    dataset_build,
    export_write,
    judge_bench,
    judge_episodes,
    judgements_write,
    rubric_install,
    starter_rubric,
)
from synthesis.models import Episode, Run
from synthesis.models import Event as EventRow
from tests.judging.builders import OPENING, PACK, Talk, finish, found, good, good_ko, moved
from tests.judging.services.rows import RecordedWorlds, finished, make_run

pytestmark = pytest.mark.django_db


def rushed() -> Talk:
    return finish(moved(found(Talk().user(OPENING))))


def chatty() -> Talk:
    talk = Talk().user("Hello, how are you today?").agent("Hello! What can I do for you?").user(OPENING)
    return finish(moved(found(talk).agent("I'll move it to March 9 at 10:30 am. Shall I go ahead?").user("Yes, please.")))


def judge_all(run: Run, talks: Sequence[Talk]) -> int:
    bench = judge_bench()
    assessments = asyncio.run(bench.assess(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK))
    return judgements_write(assessments=assessments, bench=bench)


def judged_run(*talks: Talk, **named: object) -> Run:
    run = make_run(talks, **named)  # type: ignore[arg-type]
    assert judge_all(run, talks) == len(talks)
    return run


def test_a_judgement_is_stored_with_scores_and_broken_checks() -> None:
    run = judged_run(good(), rushed())
    fine, poor = Judgement.objects.filter(episode__run=run).order_by("episode__index")
    assert (fine.overall, fine.passed, fine.party, fine.error, fine.flaw) == (5.0, True, "", "", "")
    assert fine.checks["final_state"] == 1
    assert fine.checks["refused"] is None
    assert fine.broken.count() == 0
    assert next(iter(fine.scores.order_by("criterion__position").values_list("criterion__slug", "value"))) == ("task_success", 5.0)
    assert (poor.passed, poor.party, poor.tag, poor.failed_check) == (False, "agent", "unconfirmed_write", "writes_confirmed")
    assert poor.hard_fails == ["policy"]
    assert poor.first_event == poor.broken.get().evidence[0] == 8
    assert CriterionScore.objects.filter(judgement__episode__run=run).count() == 12


def test_a_judge_version_judges_an_episode_once() -> None:
    talks = [good(), rushed()]
    run = make_run(talks)
    assert judge_all(run, talks) == 2
    assert judge_all(run, talks) == 0
    assert Judgement.objects.count() == 2
    assert CheckResult.objects.count() == 1
    again = Judgement.objects.first()
    assert again is not None
    again.pk = None
    with pytest.raises(IntegrityError):
        again.save(force_insert=True)


def test_judging_and_writing_in_one() -> None:
    talks = [good()]
    run = make_run(talks)
    judge = async_to_sync(judge_episodes)
    assessments = judge(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK, bench=judge_bench())
    assert [a.judged.overall for a in assessments] == [5.0]
    assert Judgement.objects.count() == 1


def test_a_rubric_is_published_once_and_a_changed_one_anew() -> None:
    first = rubric_install(rubric=starter_rubric())
    assert rubric_install(rubric=starter_rubric()) == first
    second = rubric_install(rubric=msgspec.structs.replace(starter_rubric(), description="other"))
    assert (first.number, second.number) == (1, 2)
    assert Rubric.objects.count() == 1
    assert RubricVersion.objects.count() == 2
    assert first.criteria.count() == 6


def test_the_dataset_keeps_what_is_good_and_explains_the_rest() -> None:
    run = judged_run(good(), rushed(), good(), good_ko(), chatty())
    version = dataset_build(run=run)
    rows = {row.position: (row.gate, row.reason, row.twin) for row in version.rows.all()}
    assert rows == {
        0: ("", "", None),
        1: ("checks", "agent: unconfirmed_write", None),
        2: ("exact_duplicate", "the same messages", 0),
        3: ("", "", None),
        4: ("structural_duplicate", "the same calls to the same end", 0),
    }
    assert (version.kept, version.mean_quality) == (2, 5.0)
    assert version.counts["offered"] == 5
    assert kept_mix(version=version) == {"domains": {"clinic": 2}, "variations": {"plain": 2}}


def test_building_again_gives_the_version_that_exists_and_another_rule_a_new_one() -> None:
    run = judged_run(good(), rushed())
    first = dataset_build(run=run)
    assert dataset_build(run=run) == first
    second = dataset_build(run=run, threshold=0.0, duplicates=True)
    assert (first.number, second.number) == (1, 2)
    assert DatasetVersion.objects.count() == 2


def test_a_flawed_trajectory_does_not_pass_the_first_gate() -> None:
    run = judged_run(found(Talk().user(OPENING)).agent("a").agent("b").end())
    version = dataset_build(run=run)
    assert version.rows.get().gate == "valid"
    assert "turn of the user" in version.rows.get().reason


def test_an_empty_run_gives_an_empty_dataset(tmp_path: Path) -> None:
    run = judged_run(rushed())
    version = dataset_build(run=run)
    assert (version.kept, version.mean_quality) == (0, None)
    exports = export_write(version=version, formats=["openai"], directory=tmp_path)
    assert Path(exports[0].path).read_bytes() == b""


def test_exports_are_whole_ordered_and_the_same_every_time(tmp_path: Path) -> None:
    run = judged_run(good(), rushed(), good_ko())
    version = dataset_build(run=run)
    exports = export_write(version=version, formats=["openai", "trajectories"], directory=tmp_path / "a")
    again = export_write(version=version, formats=["openai", "trajectories"], directory=tmp_path / "b")
    assert [e.sha256 for e in exports] == [e.sha256 for e in again]
    for export in exports:
        content = Path(export.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == export.sha256
        assert (export.rows, export.size) == (2, len(content))
    rows = [msgspec.json.decode(line) for line in (tmp_path / "a" / "trajectories.jsonl").read_bytes().splitlines()]
    assert [row["index"] for row in rows] == [0, 2]
    assert rows[0]["judgement"]["overall"] == 5.0
    assert next(s["criterion"] for s in rows[0]["judgement"]["scores"]) == "task_success"
    manifest = msgspec.json.decode((tmp_path / "a" / "manifest.json").read_bytes())
    assert manifest["files"]["openai"]["sha256"] == exports[0].sha256
    assert [row["index"] for row in manifest["rows"]] == [0, 2]
    assert (tmp_path / "a" / "manifest.json").read_bytes() == (tmp_path / "b" / "manifest.json").read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["manifest.json", "openai.jsonl", "trajectories.jsonl"]
    assert Export.objects.count() == 4


def test_two_runs_with_one_seed_export_the_same_bytes(tmp_path: Path) -> None:
    talks = [good(), good_ko()]
    shas = []
    for name in ("a", "b"):
        version = dataset_build(run=judged_run(*talks))
        export_write(version=version, formats=["openai", "trajectories"], directory=tmp_path / name)
        shas.append([(tmp_path / name / file).read_bytes() for file in ("openai.jsonl", "trajectories.jsonl", "manifest.json")])
    assert shas[0] == shas[1]


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    version = dataset_build(run=judged_run(good()))
    with pytest.raises(ExportError, match="formats are openai, trajectories"):
        export_write(version=version, formats=["nonsense"], directory=tmp_path)
    place = tmp_path / "file"
    place.write_text("in the way")
    with pytest.raises(ExportError, match="Could not write to"):
        export_write(version=version, formats=["openai"], directory=place)
    assert Export.objects.count() == 0


def test_a_log_that_changed_after_judging_is_not_exported(tmp_path: Path) -> None:
    run = judged_run(good())
    version = dataset_build(run=run)
    event = EventRow.objects.get(episode__run=run, seq=1)
    EventRow.objects.filter(episode_id=event.episode_id, seq=1).update(payload={"role": "user", "text": "something else"})
    with pytest.raises(ExportError, match="not the one that was judged"):
        export_write(version=version, formats=["openai"], directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_funnel_adds_up() -> None:
    run = judged_run(good(), rushed(), good())
    steps = funnel(run=run, version=dataset_build(run=run))
    assert {k: steps[k] for k in ("planned", "generated", "played", "checks_passed", "judged", "kept")} == {
        "planned": 3,
        "generated": 3,
        "played": 3,
        "checks_passed": 2,
        "judged": 2,
        "kept": 1,
    }
    assert steps["dropped"] == {
        "generated": {},
        "played": {},
        "checks_passed": {"agent: unconfirmed_write": 1},
        "judged": {},
        "kept": {"exact duplicate: the same messages": 1},
    }
    assert funnel(run=run)["kept"] is None


@pytest.mark.parametrize(
    ("write", "slips", "missed", "alarms"),
    [
        (rushed, {0: "unconfirmed_write"}, set(), set()),
        (rushed, {0: "invented_result"}, {0}, set()),
        (good, {0: "needless_call"}, {0}, set()),
        (rushed, {}, set(), {0}),
        (good, {}, set(), set()),
    ],
)
def test_the_slip_report_compares_with_the_truth(
    write: Callable[[], Talk], slips: dict[int, str], missed: set[int], alarms: set[int]
) -> None:
    run = judged_run(write(), slips=slips)
    report = slip_report(run=run)
    assert set(report.missed) == missed
    assert set(report.false_alarms) == alarms
    assert report.agrees == (not missed and not alarms)
    assert sum(report.made.values()) == len(slips)


def test_a_full_disk_is_told_in_one_sentence_and_leaves_no_file(tmp_path: Path) -> None:
    version = dataset_build(run=judged_run(good()))
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    (tmp_path / ".trajectories.jsonl.part").symlink_to(full)
    with pytest.raises(ExportError, match=r"Could not write to .*: No space left on device\."):
        export_write(version=version, formats=["openai", "trajectories"], directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".manifest.json.part").symlink_to(full)
    with pytest.raises(ExportError, match="No space left"):
        export_write(version=version, formats=["openai"], directory=tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_a_write_that_was_overtaken_is_made_again_whole() -> None:
    talks = [good(), rushed()]
    run = make_run(talks)
    bench = judge_bench()
    assessments = asyncio.run(bench.assess(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK))

    class Overtaken(list):  # type: ignore[type-arg]
        """Stores the first assessment in the moment between our look and our insert; it goes down with our first try."""

        looks = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            self.looks += 1
            if self.looks == 2:
                judgements_write(assessments=assessments[:1], bench=bench)
            return super().__iter__()

    assert judgements_write(assessments=Overtaken(assessments), bench=bench) == 2
    assert Judgement.objects.count() == 2
    assert CriterionScore.objects.count() == 12


def test_the_funnel_names_scenarios_that_could_not_be_made() -> None:
    run = judged_run(good())
    Episode.objects.filter(run=run).update(scenario=None, status="unfilled", failure={"detail": "no plain scenario in clinic"})
    assert funnel(run=run)["dropped"]["generated"] == {"no plain scenario in clinic": 1}


def test_one_judgement_of_an_episode_decides() -> None:
    talks = [good(), rushed()]
    run = make_run(talks)
    first, other = judge_bench(), judge_bench()
    other.judge_version = "f" * 64
    assessments = asyncio.run(first.assess(items=finished(run, talks), worlds=RecordedWorlds(), packs=lambda digest: PACK))
    judgements_write(assessments=assessments, bench=first)
    judgements_write(assessments=assessments, bench=other, deciding=[assessments[1].episode])
    deciding = Judgement.objects.filter(decides=True).values_list("episode_id", "judge_version")
    assert dict(deciding) == {assessments[0].episode: first.judge_version, assessments[1].episode: other.judge_version}
    assert Judgement.objects.count() == 4
    # Every episode counts once, and a judge whose word is asked for by name is heard whole.
    assert funnel(run=run)["judged"] == 1 and sum(n for n in funnel(run=run)["dropped"]["checks_passed"].values()) == 1
    version = dataset_build(run=run)
    assert version.rows.count() == 2
    assert version.sources.get().judge_version not in {first.judge_version, other.judge_version, ""}
    assert dataset_build(run=run, judge_version="f" * 64).sources.get().judge_version == "f" * 64
    assert [sheet.judgement.judge_version for sheet in sheets(assessments[1].episode)] == ["f" * 64, first.judge_version]
    Judgement.objects.filter(episode=assessments[0].episode, decides=True).update(decides=False)
    assert dataset_build(run=run).rows.count() == 1
    with pytest.raises(IntegrityError):
        Judgement.objects.update(decides=True)
