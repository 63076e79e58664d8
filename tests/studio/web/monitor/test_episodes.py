"""Episodes of all runs in one list."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from judging.models import Judgement
from judging.services import dataset_build
from studio.models import Role
from synthesis.models import Episode, Run
from tests.builders_many import many_episodes
from tests.judging.services.reviewing import a_queue, claimed

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
LIST = reverse("monitor:episodes")


def rows(page: str) -> int:
    return page.count('scope="row"')


def test_filters_find_what_they_say(browser_of: BrowserOf) -> None:
    run = many_episodes(45, failing=0.4, troubled=0.2)
    browser = browser_of(Role.VIEWER)
    for said, expected in (
        ({"run": str(run.pk)}, Episode.objects.all()),
        ({"domain": "clinic"}, Episode.objects.filter(domain="clinic")),
        ({"variation": "plain", "status": "judged"}, Episode.objects.filter(variation="plain", status="judged")),
        ({"passed": "no"}, Episode.objects.filter(judgements__passed=False)),
        ({"tag": "missing_call"}, Episode.objects.filter(judgements__tag="missing_call")),
        ({"domain": "nowhere"}, Episode.objects.none()),
        ({"from": "9999999999"}, Episode.objects.none()),
        ({"from": "x", "to": "-1"}, Episode.objects.all()),
    ):
        assert rows(browser.get(LIST, said).content.decode()) == expected.count(), said


def test_reviewers_see_episodes_and_nothing_of_what_judges_found(browser_of: BrowserOf) -> None:
    many_episodes(40, failing=0.5)
    Judgement.objects.filter(passed=False).update(tag="unmistakable", overall=1.23)
    browser = browser_of(Role.REVIEWER)
    whole, filtered = browser.get(LIST).content.decode(), browser.get(LIST, {"passed": "no", "tag": "unmistakable"}).content.decode()
    assert "1.23" not in whole and "unmistakable" not in whole
    assert rows(filtered) == rows(whole), "a filter would tell as well"


def test_queries_do_not_grow_with_the_list(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OWNER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(LIST).status_code == 200
        return len(asked)

    many_episodes(10)
    few = queries()
    many_episodes(500)
    assert queries() == few <= 10
    assert "after=" in browser.get(LIST).content.decode()


def test_who_reviews_an_episode_blind_sees_no_score_of_it_whatever_their_role(people: dict[Role, User], browser_of: BrowserOf) -> None:
    queue = a_queue(2)
    Judgement.objects.update(overall=1.23, passed=False, party="agent", tag="unmistakable")
    claimed(queue, people[Role.OWNER])
    for said, shown in (({}, 1), ({"passed": "no"}, 1), ({"tag": "unmistakable"}, 1)):
        page = browser_of(Role.OWNER).get(LIST, said).content.decode()
        assert page.count("<td>agent: unmistakable</td>") == shown, said
        assert rows(page) == (1 if said else 2)
    version = dataset_build(run=Run.objects.get(), threshold=0)
    listed = browser_of(Role.OWNER).get(reverse("datasets:rows", args=[version.pk]), {"gate": "checks"}).content.decode()
    assert rows(listed) == 1
