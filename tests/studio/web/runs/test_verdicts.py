"""What judges said of a run's episodes, on its pages: who meets it, and where it leads."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from judging.models import Judgement
from judging.services.review_queues import items_ask
from studio.models import Role
from tests.builders_many import many_episodes
from tests.builders_runs import a_run, install
from tests.judging.services.reviewing import a_queue, claimed

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


def test_reviewers_meet_no_judgement(browser_of: BrowserOf) -> None:
    install()
    run = a_run(6)
    assert browser_of(Role.REVIEWER).get(reverse("runs:run", args=[run.pk])).context["blames"] is None
    assert browser_of(Role.VIEWER).get(reverse("runs:run", args=[run.pk])).context["blames"] == []
    assert not Judgement.objects.exists()


def test_error_groups_lead_to_their_episodes(browser_of: BrowserOf) -> None:
    run = many_episodes(300, failing=0.3, troubled=0.1)
    browser = browser_of(Role.VIEWER)
    page = browser.get(reverse("runs:run", args=[run.pk]))
    for blame in page.context["blames"]:
        link = f"{reverse('runs:episodes', args=[run.pk])}?blame={blame.party}%3A{blame.tag}"
        assert link in page.content.decode()
        lines = browser.get(link).context["lines"]
        assert len(lines) == blame.episodes and blame.sample in {episode.pk for episode, *_rest in lines}
        assert all(not verdict.passed for *_rest, verdict in lines)
    for trouble in page.context["troubles"]:
        link = f"{reverse('runs:episodes', args=[run.pk])}?status={trouble.status}"
        assert link in page.content.decode()
    strange = browser.get(reverse("runs:episodes", args=[run.pk]), {"blame": "<script>", "verdict": "maybe", "after": "x"})
    assert len(strange.context["lines"]) == 100


def test_verdicts_are_hidden_from_reviewers_and_from_whoever_reviews_blind(browser_of: BrowserOf) -> None:
    run = many_episodes(40, failing=0.5, troubled=0)
    url = reverse("runs:episodes", args=[run.pk])
    reviewer = browser_of(Role.REVIEWER).get(url, {"verdict": "failed", "blame": "agent:missing_call"})
    assert len(reviewer.context["lines"]) == 40, "there is no such filter for them"
    assert "did not pass" not in reviewer.content.decode()
    assert {verdict for *_rest, verdict in reviewer.context["lines"]} == {None}
    failed = [episode.pk for episode, *_rest in browser_of(Role.OWNER).get(url, {"verdict": "failed"}).context["lines"]]
    queue, hidden = a_queue(items=0), failed[0]
    items_ask(queue=queue, episode_ids=[hidden], probability=1.0, asked_by="owner", now=timezone.now())
    claimed(queue, User.objects.get(username="owner"))
    rest = browser_of(Role.OWNER).get(url, {"verdict": "failed"}).context["lines"]
    assert [episode.pk for episode, *_rest in rest] == failed[1:]
    verdicts = {episode.pk: verdict for episode, *_rest, verdict in browser_of(Role.OWNER).get(url).context["lines"]}
    assert verdicts[hidden] is None and verdicts[failed[1]] is not None
    cells = {cell.episode.pk: cell for cell in browser_of(Role.OWNER).get(reverse("runs:run", args=[run.pk])).context["cells"]}
    assert (cells[hidden].kind, cells[failed[1]].kind) == ("judged", "not-passed")
    assert {cell.kind for cell in cells.values()} == {"judged", "not-passed", "passed"}
    assert {cell.kind for cell in browser_of(Role.REVIEWER).get(reverse("runs:run", args=[run.pk])).context["cells"]} == {"judged"}
