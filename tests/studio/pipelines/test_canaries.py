"""The self-test of a judge, and both commands."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from judging.models import Judgement
from studio.pipelines.canaries import NoEpisode, canaries_sing
from studio.pipelines.judge_choice import judge_chosen
from tests.builders_runs import install
from tests.fakes.model_server.provider import StudioProvider
from tests.studio.pipelines.test_run_judge import endpoint, judged_run, play, provider

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["provider"]


def test_every_canary_is_compared_with_its_honest_twin(provider: StudioProvider) -> None:
    endpoint(provider, "j")
    with pytest.raises(NoEpisode):
        install()
        canaries_sing(spec=judge_chosen(judges=["j"]))
    assert play(judged_run(1)) == 1
    sung = canaries_sing(spec=judge_chosen(judges=["j"]))
    assert len(sung) == 22 and not any(bird.beaten or bird.problem for bird in sung)
    assert sum("agent:" in bird.name for bird in sung) == sum("result:" in bird.name for bird in sung) == 10
    out = StringIO()
    call_command("judge_canaries", "--endpoint", "j", stdout=out)
    assert "22 canaries: 0 beaten" in out.getvalue()
    endpoint(provider, "liar", "fake:quotes=invented")
    with pytest.raises(CommandError, match="not to be trusted"):
        call_command("judge_canaries", "--endpoint", "liar", stdout=StringIO())
    with pytest.raises(CommandError, match="called 'gone'"):
        call_command("judge_canaries", "--endpoint", "gone", stdout=StringIO())


def test_a_run_is_judged_again_from_the_command_line(provider: StudioProvider) -> None:
    endpoint(provider, "harsh", "fake:always=1")
    run = judged_run(2)
    assert play(run) == 2
    out, err = StringIO(), StringIO()
    call_command("rejudge", str(run.pk), "--judges", "harsh", "--yes", "--adopt", stdout=out, stderr=err)
    assert "2 episodes cost about" in err.getvalue() and "guessed" in err.getvalue()
    assert "2 of the new judgements decide now" in out.getvalue() and "passed -> passed 0" in out.getvalue()
    assert set(Judgement.objects.filter(decides=True).values_list("judge", flat=True)) == {"model"}
    with pytest.raises(CommandError, match="There is no run"):
        call_command("rejudge", "999", "--yes")
