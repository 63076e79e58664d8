"""Several rubrics in one run: a scenario's, a domain's, the default one; or the one that was named, for all."""

from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from judging.engine.rubric import Rubric
from judging.models import CriterionScore, Judgement, JudgeVersion, RubricVersion
from judging.selectors import rejudging as selectors
from judging.selectors.datasets import criteria_of
from judging.selectors.trust import judge_versions
from judging.services import dataset_build, rubric_install, starter_rubric
from judging.services.exports import export_write
from judging.services.rubric_choices import ChoiceRefused, rubric_choose
from judging.services.rubrics import judges_rubric
from studio.models import AuditEntry
from studio.pipelines import rejudging, rubric_choices
from studio.pipelines.judge_choice import judge_for
from studio.pipelines.launching import settings_of
from studio.pipelines.rejudge_estimate import estimate
from synthesis.models import Domain, Episode, Run, Scenario
from tests.builders_runs import a_run, install
from tests.fakes.model_server.provider import StudioProvider
from tests.studio.pipelines.test_run_judge import endpoint, play, provider

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["provider"]
NOW = timezone.now()


def a_rubric(slug: str, *criteria: str, by: str = "check") -> RubricVersion:
    """A rubric with some of the starter's criteria."""
    kept = [c for c in starter_rubric().criteria if c.id in criteria]
    return rubric_install(rubric=Rubric(slug, slug.title(), "", [msgspec.structs.replace(c, answered_by=by) for c in kept]))


def choose(rubric: str, thing: Domain | Scenario) -> None:
    rubric_choose(thing=thing, rubric=rubric, by="ann", now=NOW)


@pytest.fixture
def studio() -> dict[str, RubricVersion]:
    """Two domains, one of which wants a rubric of its own."""
    install("vet_clinic", "public_library")
    found = {"short": a_rubric("short", "task_success", "policy"), "starter": rubric_install(rubric=starter_rubric())}
    choose("short", Domain.objects.get(slug="vet_clinic"))
    return found


def started(episodes: int = 4, **chosen: Any) -> Run:
    domains = ["public_library", "vet_clinic"]
    return a_run(episodes, domains=domains, judge=judge_for(domains=domains, **chosen).body())


def answered(run: Run, **where: Any) -> dict[str, set[str]]:
    """Rubrics whose deciding answers there are, by domain."""
    found: dict[str, set[str]] = {}
    rows = Judgement.objects.filter(episode__run=run, **{"decides": True, **where})
    for domain, slug in rows.values_list("episode__domain", "rubric_version__rubric__slug"):
        found.setdefault(domain, set()).add(slug)
    return found


def test_each_episode_answers_what_its_domain_wants_and_everything_else_follows(studio: dict[str, RubricVersion], tmp_path: Any) -> None:
    run = started()
    # What is attached, or published, after the start changes nothing that was started.
    choose("", Domain.objects.get(slug="vet_clinic"))
    assert play(run) == 4
    assert answered(run) == {"vet_clinic": {"short"}, "public_library": {"starter"}}
    scores = CriterionScore.objects.filter(judgement__episode__domain="vet_clinic").values_list("criterion__slug", flat=True)
    assert set(scores) == {"task_success", "policy"}
    assert {(row.rubric_version.rubric.slug, row.episodes) for row in judge_versions()} == {("short", 2), ("starter", 2)}
    assert JudgeVersion.objects.filter(kind="programmatic").count() == 2
    assert [slug for slug, _question in criteria_of([run])] == [c.id for c in starter_rubric().criteria]
    Run.objects.filter(pk=run.pk).update(status="finished")
    run.refresh_from_db()
    version = dataset_build(run=run)
    export_write(version=version, formats=["trajectories"], directory=tmp_path)
    told = msgspec.json.decode((tmp_path / "manifest.json").read_bytes())["judge"]
    assert set(told["rubric"]) == {"short", "starter"} and set(told["trust"]) == {row.judge_version for row in judge_versions()}
    assert settings_of(run)["rubric"] == "", "a run like this one lets domains choose, too"


def test_a_scenario_goes_before_its_domain_and_a_named_rubric_before_both(studio: dict[str, RubricVersion]) -> None:
    first = started()
    assert play(first) == 4
    scenario = Episode.objects.filter(run=first, domain="vet_clinic").order_by("index")[0].scenario
    assert scenario
    a_rubric("terse", "task_success")
    choose("terse", scenario)
    again = started()
    assert play(again) == 4
    assert answered(again) == {"vet_clinic": {"terse", "short"}, "public_library": {"starter"}}
    assert {row.episode.scenario_id for row in Judgement.objects.filter(rubric_version__rubric__slug="terse")} == {scenario.pk}
    named = started(rubric="terse")
    assert play(named) == 4
    assert answered(named) == {"vet_clinic": {"terse"}, "public_library": {"terse"}}
    assert settings_of(named)["rubric"] == named.judge["rubric"]


def test_what_nobody_would_answer_is_passed_over(studio: dict[str, RubricVersion]) -> None:
    a_rubric("read", "communication", by="judge")
    choose("read", Domain.objects.get(slug="vet_clinic"))
    assert judge_for().domains == {}
    with pytest.raises(ChoiceRefused, match="publish it first"):
        choose("gone", Domain.objects.get(slug="vet_clinic"))


def test_a_model_judges_by_each_of_them(provider: StudioProvider, studio: dict[str, RubricVersion]) -> None:
    endpoint(provider, "j", "fake:always=4")
    rubric_install(rubric=judges_rubric())
    a_rubric("read", "communication", "policy", by="judge")
    choose("read", Domain.objects.get(slug="vet_clinic"))
    run = started(judges=["j"])
    assert play(run) == 4
    assert answered(run) == {"vet_clinic": {"read"}, "public_library": {"judges"}}
    assert answered(run, decides=False) == {"vet_clinic": {"starter"}, "public_library": {"starter"}}, "checks answer their own"


def test_judging_again_follows_too_unless_a_rubric_is_named(studio: dict[str, RubricVersion]) -> None:
    owner = User.objects.create_user("owner")
    run = started(rubric="starter")
    assert play(run) == 4
    before = dict(Judgement.objects.values_list("episode_id", "pk"))

    def again(**chosen: Any) -> Any:
        spec = judge_for(domains=list(run.releases), **chosen)
        job = rejudging.rejudge_ask(actor=owner, run=run, spec=spec, filters={}, said=estimate(run=run, spec=spec, filters={}))
        assert rejudging.rejudge_run(rejudging_id=job.pk) == "done"
        job.refresh_from_db()
        return job

    # Under one named rubric everything is judged anew, though a domain wants another.
    a_rubric("terse", "task_success")
    named = again(rubric="terse")
    assert Judgement.objects.filter(rubric_version__rubric__slug="terse").count() == 4
    # Without a name the domain's is asked where it is attached; where the default one is, nothing is new.
    followed = again()
    assert followed.done == 4 and Judgement.objects.filter(rubric_version__rubric__slug="short").count() == 2
    assert selectors.compared(followed).episodes == 2, "an episode that was judged so before has no other side"
    assert rejudging.adopt(actor=owner, job=followed) == 2
    assert answered(run) == {"vet_clinic": {"short"}, "public_library": {"starter"}}
    followed.refresh_from_db()
    assert rejudging.put_back(actor=owner, job=followed) == 2
    assert dict(Judgement.objects.filter(decides=True).values_list("episode_id", "pk")) == before
    assert selectors.compared(named).episodes == 4 and rejudging.adopt(actor=owner, job=named) == 4


def test_who_attached_what_is_told(studio: dict[str, RubricVersion]) -> None:
    author = User.objects.create_user("author")
    domain = Domain.objects.get(slug="public_library")
    rubric_choices.choose(actor=author, thing=domain, rubric="short")
    rubric_choices.choose(actor=author, thing=domain, rubric="short")
    rubric_choices.choose(actor=author, thing=domain, rubric="")
    assert list(AuditEntry.objects.order_by("pk").values_list("kind", "object_id", "note")) == [
        ("domain", "public_library", "judged by the rubric short"), ("domain", "public_library", "judged by the default rubric"),
    ]  # fmt: skip
