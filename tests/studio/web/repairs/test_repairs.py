"""Pages of repairs: correcting a message, repairing what failed by one mistake, the list of pairs."""

import html
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from judging.models import Judgement, PreferencePair
from judging.services.pairs import pairs_settle
from studio.models import Role
from synthesis.models import Episode, Run
from tests.studio.pipelines.test_fixing import slipped
from tests.studio.pipelines.test_forking import play

pytestmark = pytest.mark.django_db(transaction=True)
BrowserOf = Callable[[Role], Client]


def text_of(browser: Client, url: str) -> str:
    return html.unescape(browser.get(url).content.decode())


def test_the_page_begins_at_the_first_mistake_and_its_proposal_repairs_it(browser_of: BrowserOf) -> None:
    origin = slipped("wrong_argument")[0]
    verdict = Judgement.objects.get(episode=origin, decides=True)
    browser, url = browser_of(Role.OPERATOR), reverse("repairs:fix", args=[origin.pk])
    answer = browser.get(url)
    form, mistake = answer.context["form"], answer.context["mistake"]
    assert mistake.seq == verdict.first_event
    assert verdict.reason in html.unescape(answer.content.decode())
    values = {name: value for name, value in form.initial.items() if value}
    landed = browser.post(f"{url}?step={mistake.seq}", values)
    made = Episode.objects.latest("pk")
    assert landed["Location"] == reverse("runs:episode", args=[made.pk])
    play(made.run)
    pairs_settle()
    assert PreferencePair.objects.get().state == "good"
    assert reverse("runs:episode", args=[made.pk]) in text_of(browser, reverse("repairs:index") + "?state=good")
    assert "No pair yet" in text_of(browser, reverse("repairs:index") + "?state=refused")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [("{", "This is not JSON"), ("[1]", "JSON object"), ('{"nonsense": 1}', "do not fit"), ("[" * 100_000, "at most 20000")],
)
def test_what_is_wrong_with_a_call_is_said_and_what_was_written_stays(browser_of: BrowserOf, arguments: str, says: str) -> None:
    origin = slipped("wrong_argument")[0]
    browser, url = browser_of(Role.OPERATOR), reverse("repairs:fix", args=[origin.pk])
    tool = browser.get(url).context["form"].initial["tool_0"]
    answer = browser.post(url, {"text": "Let me see.", "tool_0": tool, "arguments_0": arguments})
    assert answer.status_code == 422
    shown = html.unescape(answer.content.decode())
    assert says in shown
    assert "Let me see." in shown
    assert Run.objects.count() == 1


def test_only_the_guilty_part_of_what_failed_is_repaired_at_once(browser_of: BrowserOf) -> None:
    failed = slipped("wrong_argument")
    verdict = Judgement.objects.get(episode=failed[0], decides=True)
    alike = Judgement.objects.filter(episode__run=failed[0].run, decides=True, party=verdict.party, tag=verdict.tag)
    browser = browser_of(Role.OPERATOR)
    answer = browser.post(reverse("repairs:repair", args=[failed[0].run_id]), {"party": verdict.party, "tag": verdict.tag})
    run = Run.objects.latest("pk")
    assert answer["Location"] == reverse("runs:run", args=[run.pk])
    assert run.episodes == alike.count() == Episode.objects.filter(run=run).count()
    play(run)
    assert Judgement.objects.filter(episode__run=run, decides=True, passed=True).count() == run.episodes
    pairs_settle()
    assert set(PreferencePair.objects.values_list("state", flat=True)) == {"good"}
    again = browser.post(reverse("repairs:repair", args=[run.pk]), {"party": "judge", "tag": "judge_error"}, follow=True)
    assert "can be made anew" in html.unescape(again.content.decode())


def test_by_hand_the_episode_waits_for_me_after_my_correction(browser_of: BrowserOf) -> None:
    origin = slipped("premature_end")[0]
    browser, url = browser_of(Role.OPERATOR), reverse("repairs:fix", args=[origin.pk])
    form = browser.get(url).context["form"]
    browser.post(url, {**{name: value for name, value in form.initial.items() if value}, "agent": "person"})
    made = Episode.objects.latest("pk")
    assert made.cast["seats"]["agent"] == "person"
    assert json.dumps(made.run.options["fork"]["corrects"]).isdigit()
