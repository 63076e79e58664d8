"""Datasets that leave out what says the same in other words: foreseen, asked for once, done without where nobody answers."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from judging.engine.filters import Rule
from judging.models import DatasetVersion, Judgement
from studio.models import Role
from studio.pipelines.exports import dataset_make, export_job_run
from studio.pipelines.meant import foresee
from synthesis.engine.chat.body import tokens_guess
from synthesis.models import ModelEndpoint, ModelUsage, Run, TextVector
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.serving import provider_in_thread
from tests.judging.builders import good, good_ko
from tests.judging.services.test_judging import chatty, judged_run
from tests.people import make_person, signed_in
from tests.studio.pipelines.test_meaning import an_endpoint, asked

pytestmark = pytest.mark.django_db(transaction=True)
RULE = Rule(meaning="vectors", alike=0.6)
"""The fake provider's vectors tell what letters are alike: these two conversations are at 0.6 and more, English and Korean far below."""


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with provider_in_thread(FakeProvider(lambda _body: {"content": "?"})) as fake:
        yield fake


@pytest.fixture
def run() -> Run:
    """Three good episodes of which two say nearly the same, with calls of different shapes."""
    run = judged_run(good(), chatty(), good_ko())
    for row in Judgement.objects.filter(episode__run=run):
        Judgement.objects.filter(pk=row.pk).update(structural_digest=f"{row.pk:064x}", overall=5.0)
    Run.objects.filter(pk=run.pk).update(status="finished", counts={"judged": 3})
    return run


@pytest.fixture
def owner() -> User:
    return make_person("olga", Role.OWNER)


def made(owner: User, run: Run, rule: Rule = RULE) -> DatasetVersion:
    job = dataset_make(actor=owner, name="No echoes", runs=[run], rule=rule, formats=["openai"])
    assert export_job_run(job_id=job.pk) == "done"
    return DatasetVersion.objects.latest("pk")


def test_what_says_the_same_in_other_words_is_left_out_and_asked_about_once(owner: User, run: Run, provider: FakeProvider) -> None:
    row = an_endpoint(provider)
    before = foresee([run], RULE)
    assert before is not None and (before.new, before.kept) == (3, 3) and before.tokens > 0 < before.cost
    version = made(owner, run)
    rows = {row.position: (row.gate, row.twin) for row in version.rows.all()}
    assert rows == {0: ("", None), 1: ("semantic_duplicate", 0), 2: ("", None)}
    assert version.counts["meaning"] == {"endpoint": "vectors", "model": "fake", "alike": 0.6, "off": ""}
    assert ModelUsage.objects.get().cost <= before.cost, "foreseen from above"
    sent = [tokens_guess(text.encode()) for text in provider.asked[0]["input"]]
    assert before.tokens == sum(sent), "by bytes: a letter of Korean is a token more often than a third of one"
    assert asked(provider) == [3] and TextVector.objects.filter(endpoint=row).count() == 3
    after = foresee([run], RULE)
    assert after is not None and (after.new, after.cost) == (0, 0)
    assert made(owner, run) == version and asked(provider) == [3], "the same again is the same version, and asks nobody"
    text = provider.asked[0]["input"][0]
    assert text.startswith("user: ") and "agent: " in text and "tool" not in text


def test_without_an_answer_the_version_says_so_and_the_next_one_tries_again(owner: User, run: Run, provider: FakeProvider) -> None:
    an_endpoint(provider, model="fake:embeddings=no")
    version = made(owner, run)
    assert version.kept == 3 and "no embeddings" in version.counts["meaning"]["off"]
    page = signed_in(owner).get(reverse("datasets:version", args=[version.pk])).content.decode()
    assert "Meaning was not compared by vectors" in page and "no embeddings" in page
    ModelEndpoint.objects.update(active=False)
    assert "no endpoint of that name" in made(owner, run).counts["meaning"]["off"]
    ModelEndpoint.objects.update(active=True, model="fake")
    again = made(owner, run)
    assert (again.kept, again.number) == (2, 3)
    assert "Meaning was compared by vectors (fake)" in signed_in(owner).get(reverse("datasets:version", args=[again.pk])).content.decode()


def test_rules_that_want_no_meaning_ask_nobody(owner: User, run: Run, provider: FakeProvider) -> None:
    an_endpoint(provider)
    assert foresee([run], Rule()) is None and foresee([run], Rule(meaning="vectors", duplicates=True)) is None
    assert made(owner, run, Rule(meaning="vectors", duplicates=True)).kept == 3
    version = made(owner, run, Rule())
    assert version.kept == 3 and "meaning" not in version.counts and asked(provider) == []


def test_the_cost_is_shown_before_anything_is_asked(owner: User, run: Run, provider: FakeProvider) -> None:
    browser: Client = signed_in(owner)
    place = reverse("datasets:new")
    assert 'name="meaning"' not in browser.get(place).content.decode(), "nobody could be asked"
    an_endpoint(provider)
    page = browser.get(place, {"asked": "1", "runs": str(run.pk), "meaning": "vectors", "alike": "0.6"}).content.decode()
    assert "3 of 3 conversations are new to vectors" in page and "USD" in page
    assert asked(provider) == []
    wrong = browser.get(place, {"asked": "1", "runs": str(run.pk), "meaning": "vectors", "alike": "3"}).content.decode()
    assert "less than or equal to 1" in wrong
    form = {"runs": [str(run.pk)], "meaning": "vectors", "alike": "0.6", "threshold": "4.5", "name": "By hand", "formats": ["openai"]}
    assert browser.post(place, form).status_code == 302
