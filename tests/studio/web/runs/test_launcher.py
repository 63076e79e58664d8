"""Starting a run from its form: by link, from the default cast, as a pilot, as a clone; what it may take; what cannot work."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, Role
from synthesis.models import Episode, Run, Scenario, Slice
from synthesis.services.endpoint_checks import default_seat_set
from tests.builders_endpoints import an_endpoint
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]


@pytest.fixture
def run() -> Run:
    install()
    return a_run(6)


def test_a_run_starts_with_what_the_form_says(run: Run, browser_of: BrowserOf) -> None:
    form = {"domains": ["vet_clinic"], "variations": ["plain", "gradual"], "languages": ["en"]}
    numbers = {"episodes": 9, "seed": 5, "slips": 0.25, "threshold": 4, "pace": 2, "concurrency": 3}
    form |= {"personas": ["ann"], "agents": ["desk"]}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), form | numbers)
    started = Run.objects.latest("pk")
    assert answer["Location"] == reverse("runs:run", args=[started.pk])
    assert (started.episodes, started.seed, started.slip_rate, started.threshold, started.status) == (9, 5, 0.25, 4, "running")
    assert started.options == {"pace": 2}
    assert started.variations == ["plain", "gradual"]
    assert started.casting == {"languages": ["en"], "personas": ["ann"], "agents": ["desk"]}
    assert (started.concurrency, started.started_by) == (3, "operator")
    entry = AuditEntry.objects.get(action="runs.start")
    assert (entry.actor_name, entry.object_id) == ("operator", str(started.pk))


def test_a_link_fills_the_launcher_in(run: Run, browser_of: BrowserOf) -> None:
    query = {"domains": "vet_clinic,retail_orders", "variations": ["plain", "gradual"], "episodes": "77", "seed": "9", "personas": "ann"}
    form = browser_of(Role.OPERATOR).get(reverse("runs:new"), query).context["form"]
    assert form["domains"].value() == ["vet_clinic", "retail_orders"]
    assert form["variations"].value() == ["plain", "gradual"]
    assert (form["episodes"].value(), form["seed"].value(), form["personas"].value()) == ("77", "9", ["ann"])
    for name in ("episodes", "concurrency", "pace"):
        strange = browser_of(Role.OPERATOR).get(reverse("runs:new"), {name: "1e999"})
        assert strange.status_code == 200 and strange.context["expected"] is None


def test_the_launcher_begins_with_the_default_cast(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert browser.get(reverse("runs:new")).context["form"]["agent_seat"].value() == "scripted"
    an_endpoint("kimi")
    an_endpoint("strict", purposes=["judge", "agent"])
    for role, slug in {"agent": "kimi", "user": "kimi", "judge": "strict"}.items():
        default_seat_set(role=role, slug=slug)
    page = browser.get(reverse("runs:new"), {"episodes": "6"})
    form = page.context["form"]
    assert [form[f"{seat}_seat"].value() for seat in ("agent", "user", "tools")] == ["model:kimi", "model:kimi", "scripted"]
    assert form["judges"].value() == ["strict"] and "default cast" in page.content.decode()
    answer = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    browser.post(reverse("runs:new"), answer)
    started = Run.objects.latest("pk")
    assert started.seats == {"agent": "model:kimi", "user": "model:kimi", "tools": "scripted"}
    assert started.judge["endpoints"] == ["strict"]
    clone = browser.get(f"{reverse('runs:new')}?{browser.get(reverse('runs:run', args=[run.pk])).context['again']}").context["form"]
    assert (clone["agent_seat"].value(), clone["judges"].value()) == ("scripted", None), "a clone has the cast of its run"
    slips = browser.get(reverse("runs:new"), {"slips": "0.2"}).context["form"]
    assert (slips["agent_seat"].value(), slips["user_seat"].value()) == ("scripted", "model:kimi"), "models slip by themselves alone"


def test_a_pilot_tries_the_settings_out_and_the_whole_run_follows(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    asked = {"episodes": 40, "seed": 5, "slips": 0.5, "threshold": 4, "pace": 2, "variations": ["plain"], "pilot": "1"}
    browser.post(reverse("runs:new"), asked)
    pilot = Run.objects.latest("pk")
    assert (pilot.episodes, pilot.options) == (3, {"pace": 2, "pilot_for": 40})
    page = browser.get(reverse("runs:run", args=[pilot.pk]))
    assert "40 episodes" in page.content.decode() and page.context["pilot"] is None
    now = timezone.now()
    Episode.objects.filter(run=pilot).update(status="failed", started=now, finished=now + timedelta(seconds=6))
    Episode.objects.filter(run=pilot, index=1).update(finished=now + timedelta(seconds=9))
    Run.objects.filter(pk=pilot.pk).update(status="finished")
    assert browser.get(reverse("runs:run", args=[pilot.pk])).context["pilot"] is None, "nothing was played to its end"
    Scenario.objects.create(
        digest="d", release_id=Episode.objects.filter(run=pilot)[0].release_id, variation="plain", difficulty=1, body={}
    )
    Episode.objects.filter(run=pilot).update(status="judged", scenario_id="d")
    told = browser.get(reverse("runs:run", args=[pilot.pk])).context["pilot"]
    assert told.each == 7
    assert told.expected.least <= 7 < 40 * 7 / 40 * 4 <= told.expected.most
    whole = browser.post(reverse("runs:whole", args=[pilot.pk]))
    started = Run.objects.latest("pk")
    assert whole["Location"] == reverse("runs:run", args=[started.pk])
    same = ("seed", "variations", "slip_rate", "threshold", "releases", "concurrency", "casting")
    assert [getattr(started, name) for name in same] == [getattr(pilot, name) for name in same]
    assert (started.episodes, started.options) == (40, {"pace": 2})
    assert browser.post(reverse("runs:whole", args=[started.pk])).status_code == 404, "it tries out nothing"


def test_a_clone_begins_with_the_settings_of_its_run(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    asked = {"episodes": 8, "seed": 5, "slips": 0.5, "threshold": 4, "pace": 2, "concurrency": 2, "variations": ["plain", "gradual"]}
    browser.post(reverse("runs:new"), asked | {"languages": ["en"], "agents": ["desk"]})
    first = Run.objects.latest("pk")
    page = browser.get(reverse("runs:run", args=[first.pk]))
    form = browser.get(f"{reverse('runs:new')}?{page.context['again']}").context["form"]
    answer = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    browser.post(reverse("runs:new"), answer)
    second = Run.objects.latest("pk")
    assert second.pk != first.pk
    same = ("episodes", "seed", "variations", "slip_rate", "threshold", "releases", "concurrency", "casting", "options")
    assert [getattr(second, name) for name in same] == [getattr(first, name) for name in same]


def test_how_long_it_may_take_is_told_from_runs_of_late(run: Run, browser_of: BrowserOf) -> None:
    browser = browser_of(Role.OPERATOR)
    assert browser.get(reverse("runs:new")).context["expected"] is None
    now = timezone.now()
    for played in (100, 200):
        done = a_run(1)
        Run.objects.filter(pk=done.pk).update(status="finished")
        Slice.objects.create(run=done, status="over", lease_until=now, started=now - timedelta(seconds=100), ended=now, played=played)
    query = {"episodes": "1000", "concurrency": "2", "pace": "0"}
    told = browser.get(reverse("runs:expected"), query, headers={"HX-Request": "true"}).context["expected"]
    assert (told.runs, told.least < 250 < 500 < told.most) == (2, True)
    assert told.words() in browser.get(reverse("runs:new"), query).content.decode()
    assert browser.get(reverse("runs:new"), query | {"pace": "3"}).context["expected"] is None
    assert browser.get(reverse("runs:expected"), query)["Location"].startswith(reverse("runs:new"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("episodes", 0), ("episodes", "many"), ("seed", 2**63), ("slips", 2), ("threshold", 6), ("pace", 21), ("domains", "atlantis")],
)
def test_what_cannot_work_is_said_at_its_field(field: str, value: object, run: Run, browser_of: BrowserOf) -> None:
    good = {"episodes": 9, "seed": 5, "slips": 0, "threshold": 4, "pace": 0}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), good | {field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert Run.objects.count() == 1


def test_what_the_service_refuses_is_said_at_its_field(browser_of: BrowserOf) -> None:
    install("vet_clinic", variations=("plain",))
    good = {"episodes": 9, "seed": 5, "slips": 0, "threshold": 4, "pace": 0}
    answer = browser_of(Role.OPERATOR).post(reverse("runs:new"), good | {"variations": ["gradual"]})
    assert "supports gradual" in str(answer.context["form"].errors["variations"])
