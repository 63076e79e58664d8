"""The self-test of a judge, and both commands."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from judging.models import CanaryRound, Judgement
from judging.selectors.canaries import rounds_lost
from judging.services.canaries import CanariesRefused, round_advance, round_create, round_done, round_take
from studio.models import AuditEntry, Role
from studio.pipelines.canaries import NoEpisode, canaries_sing
from studio.pipelines.canary_rounds import round_ask, round_run
from studio.pipelines.hands import hands
from studio.pipelines.judge_choice import judge_chosen
from synthesis.models import ModelEndpoint
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


def test_a_round_is_asked_for_on_the_page_of_a_judge_and_shows_every_canary_beside_its_twin(
    provider: StudioProvider, browser_of: Callable[[Role], Client]
) -> None:
    endpoint(provider, "j")
    endpoint(provider, "k")
    assert play(judged_run(1, "j", "k")) == 1
    version = Judgement.objects.get(judge="panel").judge_version
    browser, url = browser_of(Role.OPERATOR), reverse("judges:canaries", args=[version])
    assert "About 50 questions" in browser.get(url).content.decode(), "what it takes is said before it is asked for"
    browser.post(reverse("judges:canaries_ask", args=[version]))
    row = CanaryRound.objects.get()
    assert "0 of 50 answers" in browser.get(url).content.decode()
    again = browser.post(reverse("judges:canaries_ask", args=[version]), follow=True).content.decode()
    assert "before this judge already" in again and CanaryRound.objects.count() == 1
    progress = reverse("judges:canaries_progress", args=[row.pk])
    assert "0 of 50 answers" in browser.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert hands_waiting("canaries") == [row.pk] == list(rounds_lost(now=timezone.now(), asked_before=timezone.now()))
    assert round_run(round_id=row.pk) == "done" and round_run(round_id=row.pk) == "done", "a doubled message finds it over"
    row.refresh_from_db()
    assert (row.done, row.questions, row.attempts) == (50, 50, 1) and row.cost > 0
    assert browser.get(progress, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = browser.get(url).content.decode()
    assert page.count(">held<") + page.count(">had nothing to gain<") == 44 and "give full marks" in page
    assert "44 canaries: 0 talked it round" in browser.get(reverse("judges:judge", args=[version])).content.decode()
    assert AuditEntry.objects.filter(action="judges.canaries").count() == 1
    assert "Put canaries before it" in page
    ModelEndpoint.objects.update(model="another")
    changed = browser.get(url).content.decode()
    assert "no longer be put to work" in changed and "Put canaries before it" not in changed, "what would be refused is not offered"


def hands_waiting(name: str) -> list[int]:
    """What waits for a hand of the serving command."""
    return list(next(hand for hand in hands() if hand.name == name).waiting(timezone.now()))


def test_a_round_whose_worker_was_lost_goes_to_another_and_fails_in_the_end(provider: StudioProvider) -> None:
    endpoint(provider, "j")
    assert play(judged_run(1, "j")) == 1
    judgement, now = Judgement.objects.get(judge="model"), timezone.now()
    made: dict[str, Any] = {"judge_version": judgement.judge_version, "questions": 25, "asked_by": "ann", "now": now}
    row = round_create(episode=judgement.episode, **made)
    lease = timedelta(minutes=1)
    first = round_take(round_id=row.pk, lease=lease, now=now)
    assert (first, round_take(round_id=row.pk, lease=lease, now=now)) == (1, 0)
    later = now + timedelta(minutes=2)
    assert round_take(round_id=row.pk, lease=lease, now=later) == 2
    told: dict[str, Any] = {"done": 1, "questions": 25, "cost": 1, "lease": lease, "now": later}
    assert not round_advance(round_id=row.pk, attempt=first, **told), "who lost it writes nothing"
    assert not round_done(round_id=row.pk, attempt=first, sung=[], now=later)
    assert round_take(round_id=row.pk, lease=lease, now=later + timedelta(minutes=2)) == 3
    assert round_take(round_id=row.pk, lease=lease, now=later + timedelta(minutes=4)) == 0
    row.refresh_from_db()
    assert row.status == "failed" and "lost" in row.error
    # A version that is no longer what it was cannot be put to work.
    ModelEndpoint.objects.update(model="another")
    with pytest.raises(CanariesRefused, match="changed"):
        round_ask(actor=User.objects.create(username="ann"), judge_version=judgement.judge_version)
    second = round_create(episode=judgement.episode, **made)
    assert round_run(round_id=second.pk) == "failed"


def test_a_round_outlives_a_database_that_is_away_for_a_moment(provider: StudioProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint(provider, "j")
    assert play(judged_run(1, "j")) == 1
    version = Judgement.objects.get(judge="model").judge_version
    row = round_ask(actor=User.objects.create(username="ann"), judge_version=version)
    told: list[int] = []

    def away_at_first(**what: Any) -> bool:
        told.append(what["done"])
        if len(told) == 1:
            raise OperationalError("database is locked")
        return round_advance(**what)

    monkeypatch.setattr("judging.services.canaries.round_advance", away_at_first)
    assert round_run(round_id=row.pk) == "done"
    row.refresh_from_db()
    assert (row.done, row.attempts) == (25, 1) and sorted(told) == list(range(1, 26))


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
