"""The pages of models: what a person can do there, and what they are told."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Role
from synthesis.models import EndpointCheck, EndpointTraffic, ModelEndpoint, ModelUsage, PromptVersion
from synthesis.selectors import endpoints, prompts
from tests.builders_endpoints import KEY, an_endpoint
from tests.builders_runs import a_run, install, queued
from tests.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(people: dict[Role, User]) -> Client:
    """The operator's."""
    return signed_in(people[Role.OPERATOR])


def text(browser: Client, page: str, *arguments: Any, query: str = "") -> str:
    """A page."""
    response = browser.get(reverse(f"models:{page}", args=arguments) + query)
    assert response.status_code == 200
    return response.content.decode()


FORM = {
    "slug": "kimi",
    "provider": "moonshot",
    "base_url": "https://api.moonshot.ai/v1",
    "model": "kimi-k2",
    "key": KEY,
    "purposes": ["agent", "judge"],
    "price_prompt": "0.6",
    "price_completion": "2.5",
    "price_cached": "",
    "currency": "USD",
    "concurrency": "8",
    "try_seconds": "60",
    "parameters": '{"temperature": 0.6}',
}


def test_a_preset_fills_the_form(browser: Client) -> None:
    assert "https://api.moonshot.ai/v1" in text(browser, "new", query="?preset=moonshot")
    assert "http://localhost:11434/v1" in text(browser, "new", query="?preset=ollama")
    assert text(browser, "new", query="?preset=nonsense")


def test_an_endpoint_is_written_and_changed(browser: Client) -> None:
    assert browser.post(reverse("models:new"), FORM).status_code == 302
    row = ModelEndpoint.objects.get()
    assert (row.price_prompt, row.price_completion, row.price_cached) == (600_000, 2_500_000, None)
    assert (row.purposes, row.parameters) == (["agent", "judge"], {"temperature": 0.6})
    page = text(browser, "edit", "kimi")
    assert 'value="0.6"' in page
    assert KEY not in page
    changed = FORM | {"key": "", "base_url": "https://api.moonshot.cn/v1", "price_cached": "0.1"}
    answer = browser.post(reverse("models:edit", args=["kimi"]), changed, follow=True)
    assert "stored key was forgotten" in answer.content.decode()
    row.refresh_from_db()
    assert (row.key, row.price_cached) == ("", 100_000)


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        ("base_url", "http://10.0.0.1/v1", "STUDIO_OUTGOING_ALLOWED"),
        ("base_url", "https://api.moonshot.ai/v1/chat/completions", "Leave out"),
        ("parameters", "[1]", "Write a JSON object"),
        ("parameters", '{"stream": true}', "leave them out"),
        ("slug", "Not A Slug", "Small letters"),
        ("key", "two words", "one word"),
        ("price_prompt", "-1", "greater than or equal"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(browser: Client, field: str, given: str, says: str) -> None:
    answer = browser.post(reverse("models:new"), FORM | {field: given})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ModelEndpoint.objects.exists()


def test_the_list_tells_how_each_is_and_what_it_costs(browser: Client, django_assert_max_num_queries: Any) -> None:
    broken, resting, good = an_endpoint("broken"), an_endpoint("resting"), an_endpoint("good")
    EndpointTraffic.objects.filter(endpoint=broken).update(open_until=int((timezone.now().timestamp() + 90) * 1_000_000))
    ModelEndpoint.objects.filter(pk=resting.pk).update(active=False)
    ModelEndpoint.objects.filter(pk=good.pk).update(checked={"at": "", "findings": [{"name": "embeddings", "works": "no"}]})
    ModelUsage.objects.create(endpoint=good, role="agent", day=timezone.now().date(), calls=1234, prompt_tokens=5, cost=2_340_000)
    with django_assert_max_num_queries(12):
        page = text(browser, "index")
    for words in ("does not answer: left alone for", "out of use", "1,234", "2.34 USD", "…8c35"):
        assert words in page
    assert "not checked" not in page


def test_a_check_is_asked_for_and_followed(browser: Client) -> None:
    an_endpoint("one")
    assert browser.post(reverse("models:check", args=["one"])).status_code == 302
    assert 'hx-trigger="every 1s"' in text(browser, "endpoint", "one")
    findings = [{"name": "plain", "works": "no", "code": "no_access", "note": "<b>status 401</b>", "seconds": 0.1}]
    EndpointCheck.objects.update(status="done", findings=findings, finished=timezone.now())
    fragment = browser.get(reverse("models:check_panel", args=["one"]), headers={"HX-Request": "true"})
    assert fragment["HX-Refresh"] == "true"
    assert "hx-trigger" not in fragment.content.decode()
    assert "&lt;b&gt;status 401" in fragment.content.decode()
    assert "the key is missing, wrong" in fragment.content.decode()


def test_the_default_cast_takes_only_who_fits(browser: Client) -> None:
    an_endpoint("judge-only", purposes=["judge"])
    refused = browser.post(reverse("models:cast"), {"agent": "judge-only", "judge": "judge-only"})
    assert refused.status_code == 422
    assert endpoints.default_cast() == {}
    assert browser.post(reverse("models:cast"), {"judge": "judge-only"}).status_code == 302
    assert endpoints.default_cast() == {"judge": "judge-only"}
    browser.post(reverse("models:active", args=["judge-only"]), {"active": "no"})
    assert endpoints.default_cast() == {}


def test_usage_by_day_role_and_run(browser: Client) -> None:
    install()
    run, row = a_run(1), an_endpoint("one")
    today = timezone.now().date()
    ModelUsage.objects.create(
        endpoint=row, run=run, role="agent", day=today, calls=3, prompt_tokens=10, completion_tokens=5, cost=5_000_000
    )
    ModelUsage.objects.create(endpoint=row, role="judge", day=date(2020, 1, 1), calls=9, cost=70_000_000)
    page = text(browser, "usage")
    assert "5.00 USD" in page
    assert "70.00 USD" not in page
    assert reverse("runs:run", args=[run.pk]) in page
    assert "known when a run with models has accepted episodes" in page
    assert text(browser, "usage", query="?by=tokens&window=week&endpoint=one&currency=XXX")


def test_a_prompt_is_published_compared_and_taken_back(browser: Client) -> None:
    shipped = prompts.default("user").text
    posted = {"text": f"{shipped}Be kind, {{nobody}}.", "after": "0", "note": "kinder", "publish": "1"}
    assert browser.post(reverse("models:prompt", args=["user"]), posted).status_code == 302
    page = text(browser, "prompt", "user")
    assert "nothing fills it" in page
    assert "kinder" in page
    assert "Be kind" in text(browser, "prompt_diff", "user", query="?old=0&new=1")
    conflict = browser.post(reverse("models:prompt", args=["user"]), {**posted, "text": "Mine."})
    assert conflict.status_code == 422
    assert "Mine." in conflict.content.decode()
    assert browser.post(reverse("models:prompt_default", args=["user"]), {"after": "1"}).status_code == 302
    assert prompts.current("user").text == shipped
    assert PromptVersion.objects.count() == 2


def test_unknown_prompts_and_versions(browser: Client) -> None:
    assert browser.get(reverse("models:prompt", args=["nobody"])).status_code == 404
    assert browser.get(reverse("models:prompt_diff", args=["user"]) + "?old=7").status_code == 404
    assert browser.get(reverse("models:preview", args=["nobody"])).status_code == 404
    assert browser.get(reverse("models:preview", args=["user"]) + "?episode=999999").status_code == 404


def test_authors_look_and_do_not_touch(people: dict[Role, User]) -> None:
    browser = signed_in(people[Role.AUTHOR])
    an_endpoint("one")
    assert "Check it" not in text(browser, "endpoint", "one")
    assert browser.post(reverse("models:cast"), {"judge": "one"}).status_code == 404
    posted = {"text": "Mine.", "after": "0", "publish": "1"}
    assert browser.post(reverse("models:prompt", args=["user"]), posted).status_code == 404
    assert not PromptVersion.objects.exists()


def test_what_an_author_would_be_sent_is_shown_for_a_domain(browser: Client) -> None:
    nothing = text(browser, "preview", "author")
    assert "publish one first" in nothing
    install("vet_clinic", "retail_orders")
    page = text(browser, "preview", "author", query="?step=author_tools&domain=retail_orders")
    assert '<option value="retail_orders" selected>' in page and "find_customer" in page
    assert '<option value="author_tools" selected>' in page
    assert "has found something" in text(browser, "preview", "author", query="?step=author_repair")
    assert browser.get(reverse("models:preview", args=["author"]) + "?domain=nowhere").status_code == 404
    posted = {"text": "Plan {domain}.", "preview": "1", "domain": "vet_clinic"}
    shown = browser.post(reverse("models:prompt", args=["author_outline"]), posted).content.decode()
    assert "Plan vet_clinic: " in shown


def test_what_a_simulator_would_be_sent_says_what_is_missing(browser: Client) -> None:
    install()
    queued(a_run(1))
    assert "in which a tool was called" in text(browser, "preview", "tool")
