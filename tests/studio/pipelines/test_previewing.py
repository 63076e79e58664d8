"""Previews: the messages are those that the seats themselves would send."""

import msgspec
import pytest

from judging.services.rubrics import judges_rubric, rubric_install
from studio.pipelines.previewing import preview
from synthesis.models import Episode, Release, Run
from synthesis.selectors import episodes, prompts
from tests.builders_runs import a_run, install, starter_pack
from tests.studio.api.things import judged_run

pytestmark = pytest.mark.django_db
INTENT = msgspec.to_builtins(next(iter(starter_pack("vet_clinic").intents.values())))


@pytest.fixture
def episode() -> Episode:
    """A judged one, whose release has words for what its user wants."""
    run = judged_run()
    for release in Release.objects.all():
        Release.objects.filter(pk=release.pk).update(pack=release.pack | {"intents": {"move_visit": INTENT}})
    found = episodes.episode_get(Episode.objects.filter(run=run).order_by("index")[0].pk)
    assert found is not None
    return found


def test_the_user_is_told_its_script_in_the_prompt_given(episode: Episode) -> None:
    shown = preview("user", episode)
    assert shown is not None
    assert shown.messages[0]["role"] == "system"
    assert "{person}" not in shown.messages[0]["content"]
    assert shown.messages[0]["content"].startswith(prompts.default("user").text.splitlines()[0])
    mine = preview("user", episode, "Speak {language}.")
    assert mine is not None
    assert mine.messages[0]["content"] == "Speak English."


def test_the_agent_gets_policy_tools_and_what_was_said(episode: Episode) -> None:
    shown = preview("agent", episode)
    assert shown is not None
    assert "Policy, to be kept in every case" in shown.messages[0]["content"]
    assert shown.tools
    assert {message["role"] for message in shown.messages} >= {"system", "user", "assistant", "tool"}


def test_the_judge_gets_the_transcript_and_no_scores(episode: Episode) -> None:
    shown = preview("judge", episode)
    assert shown is not None
    assert '"required"' in shown.schema
    assert "{criteria}" not in shown.messages[1]["content"]
    after = preview("judge_rules", episode, "Only these: {criteria}")
    assert after is not None
    assert "Only these: - " in after.messages[1]["content"]


def test_the_judge_is_asked_the_rubric_in_use(episode: Episode) -> None:
    asked = preview("judge", episode)
    assert asked is not None
    assert asked.about == judges_rubric().name
    ours = msgspec.structs.replace(judges_rubric(), name="House rules", slug="judges")
    kept = [msgspec.structs.replace(one, question="Was it kind to the pet?") for one in ours.criteria[:1]]
    rubric_install(rubric=msgspec.structs.replace(ours, criteria=kept))
    asked = preview("judge", episode)
    assert asked is not None
    assert "Was it kind to the pet?" in asked.messages[1]["content"], "the newest is the default of judges"
    other = rubric_install(rubric=msgspec.structs.replace(ours, slug="house", criteria=ours.criteria[:1]))
    Run.objects.filter(pk=episode.run_id).update(judge={"kind": "model", "endpoints": ["kimi"], "rubric": other.digest})
    episode = episodes.episode_get(episode.pk) or episode
    asked = preview("judge", episode)
    assert asked is not None
    assert asked.about == f"{other.rubric.name} (1)"
    assert "Was it kind to the pet?" not in asked.messages[1]["content"], "the run's own judge has the word"
    attached = rubric_install(rubric=msgspec.structs.replace(ours, slug="clinics", name="Clinics"))
    spec = {"kind": "model", "endpoints": ["kimi"], "rubric": other.digest, "domains": {episode.domain: attached.digest}}
    Run.objects.filter(pk=episode.run_id).update(judge=spec)
    asked = preview("judge", episodes.episode_get(episode.pk) or episode)
    assert asked is not None and asked.about == "Clinics (1)", "what is attached to the domain is asked there"


def test_what_cannot_be_shown() -> None:
    install()
    planned = Episode.objects.filter(run=a_run(1))[0]
    assert preview("user", planned) is None
    assert preview("tool", planned) is None
    assert preview("author", planned) is None
