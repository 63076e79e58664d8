"""Trying a draft with a model judge, and having a question worded anew, on their pages: cost first, then found, then accepted."""

import pytest
from django.test import Client

from judging.models import RubricDraft, RubricTrial
from judging.services import rubric_install, starter_rubric
from judging.services.rubrics import judges_rubric
from studio.models import Role
from synthesis.models import Episode, ModelEndpoint
from tests.builders_rubric_trials import a_worded_trial
from tests.people import make_person, signed_in
from tests.studio.api.things import judged_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    rubric_install(rubric=judges_rubric())
    judged_run()
    client = signed_in(make_person("ann", Role.AUTHOR))
    client.post("/rubrics/judges/draft/begin/")
    return client


def an_endpoint(*purposes: str) -> None:
    prices = {"price_prompt": 1_000_000, "price_completion": 4_000_000}
    ModelEndpoint.objects.create(slug="j", base_url="http://127.0.0.1:9/v1", model="m", provider="fake", purposes=list(purposes), **prices)


def test_without_an_endpoint_the_pages_say_what_is_needed(client: Client) -> None:
    page = client.get("/rubrics/judges/draft/try/").content.decode()
    assert "whose purposes include judging" in page and "Who passes, before and now" in page, "what checks found is there all the same"
    trial = a_worded_trial(rubric_install(rubric=starter_rubric()), [])
    needed = client.get(f"/rubrics/rewording/{trial.criterion_id}/").content.decode()
    assert "include writing" in needed and f"/review/questions/{trial.criterion_id}/" in needed
    assert client.post(f"/rubrics/rewording/{trial.criterion_id}/", {"author": "j", "judges": "j"}).status_code == 422


def test_the_cost_comes_first_and_then_it_is_asked_for(client: Client) -> None:
    an_endpoint("judge")
    asked = {"ask": "1", "judges": "j", "number": "1", "budget": "0.5"}
    page = client.get("/rubrics/judges/draft/try/", asked)
    assert page.context["said"].episodes == 1 and "Try it on 1 episode" in page.content.decode()
    assert not RubricTrial.objects.exists()
    made = client.post("/rubrics/judges/draft/try/start/", asked)
    trial = RubricTrial.objects.get()
    assert made.headers["Location"] == f"/rubrics/trials/{trial.pk}/" and (trial.budget, len(trial.episodes)) == (500_000, 1)
    waits = client.get(f"/rubrics/trials/{trial.pk}/").content.decode()
    assert "waiting" in waits and 'hx-trigger="every 2s"' in waits and "0 / 1" in waits
    assert client.get(f"/rubrics/trials/{trial.pk}/progress/", headers={"HX-Request": "true"}).status_code == 200
    refused = client.post("/rubrics/judges/draft/try/start/", {"judges": "gone"}, follow=True).content.decode()
    assert "Choose a model" in refused and RubricTrial.objects.count() == 1
    client.post(f"/rubrics/trials/{trial.pk}/cancel/")
    assert RubricTrial.objects.get().status == "cancelled"
    assert client.get(f"/rubrics/trials/{trial.pk}/progress/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_wording_shows_what_it_would_have_settled_and_is_accepted(client: Client) -> None:
    version = rubric_install(rubric=starter_rubric())
    trial = a_worded_trial(version, list(Episode.objects.order_by("index")))
    page = client.get(f"/rubrics/trials/{trial.pk}/")
    text = page.content.decode()
    assert page.context["counts"] == {"yes": 1, "no": 1, "unknown": 0}
    assert "1 of 2 disputes would have been settled" in text and "<ins>" in text and "a rule was broken" in text
    answer = client.post(f"/rubrics/trials/{trial.pk}/accept/")
    assert answer.headers["Location"] == "/rubrics/starter/draft/"
    assert "Was each rule of the policy kept?" in RubricDraft.objects.get(slug="starter").text
    assert "To the draft" in client.get(f"/rubrics/trials/{trial.pk}/").content.decode()
    assert f"/rubrics/rewording/{trial.criterion_id}/" in client.get(f"/review/questions/{trial.criterion_id}/").content.decode()


def test_a_spent_budget_is_raised_in_a_field(client: Client) -> None:
    trial = a_worded_trial(rubric_install(rubric=starter_rubric()), list(Episode.objects.all()))
    RubricTrial.objects.update(status="stopped", problem="The budget is used up.", finished=None)
    assert 'name="budget"' in client.get(f"/rubrics/trials/{trial.pk}/").content.decode()
    client.post(f"/rubrics/trials/{trial.pk}/resume/", {"budget": "much"})
    assert RubricTrial.objects.get().status == "stopped"
    client.post(f"/rubrics/trials/{trial.pk}/resume/", {"budget": "2"})
    trial.refresh_from_db()
    assert (trial.status, trial.budget) == ("queued", 2_000_000)
