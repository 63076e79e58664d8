"""Measurements of simulators on request: at a real local server, in a sandbox, through crashes and silences."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.utils import timezone

from studio.models import Role
from studio.pipelines import fidelity
from studio.queue import FIDELITY
from studio.workers import author
from synthesis.models import FidelityReport, ModelUsage, PromptVersion
from synthesis.services.fidelity import FidelityRefused, fidelity_take
from tests.builders_fidelity import an_endpoint
from tests.builders_runs import install
from tests.fakes.model_server.question import Question
from tests.fakes.model_server.server import FakeProvider
from tests.fakes.model_server.voices import tool
from tests.fakes.serving import provider_in_thread
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def simulate(body: dict[str, Any]) -> dict[str, Any]:
    """The fake simulator, its options in the name of the model."""
    _name, _, ways = str(body["model"]).partition(":")
    return tool.says(Question(body, "tool", 0, dict(way.split("=") for way in ways.split(",") if way)), None)


def test_a_worker_takes_them_from_the_queue_of_authors() -> None:
    assert author.measure_fidelity.name == FIDELITY in current_app.tasks


def test_a_measurement_from_the_question_to_the_report() -> None:
    install()
    ann = make_person("ann", Role.AUTHOR)
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(base_url=provider.url)
        report = fidelity.measure(actor=ann, domain="vet_clinic", endpoint="m", calls=30)
        assert fidelity.fidelity_run(report_id=report.pk) == "done"
        assert fidelity.fidelity_run(report_id=report.pk) == "done", "a doubled message does nothing"
    report.refresh_from_db()
    everything, *tools = fidelity.lines(report)
    assert report.calls == everything.tool.calls == 30 and len(tools) > 5
    assert everything.both.rate is not None and everything.both.rate > 0.8 and everything.tool.unusable == 0
    assert everything.both.low is not None and everything.both.low < everything.both.rate
    used = ModelUsage.objects.get()
    assert (used.role, used.calls, used.cost) == ("tool", 30 + everything.tool.repaired, report.cost) and report.cost > 0
    foreseen = fidelity.foresee(report.release, an_endpoint(), 30)
    assert foreseen.cost > report.cost, "what was foreseen is an upper bound"


def test_wrong_answers_are_counted_by_kind() -> None:
    install()
    ann = make_person("ann", Role.AUTHOR)
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(base_url=provider.url, model="fake:misfit=1,stubborn=1")
        report = fidelity.measure(actor=ann, domain="vet_clinic", endpoint="m", calls=6)
        assert fidelity.fidelity_run(report_id=report.pk) == "done"
    report.refresh_from_db()
    everything = fidelity.lines(report)[0]
    assert everything.tool.unusable == 6 and everything.results.rate == 0 and everything.tool.kinds == {"unusable": 6}


def test_an_endpoint_that_is_gone_ends_it_with_a_reason() -> None:
    install()
    ann = make_person("ann", Role.AUTHOR)
    with provider_in_thread(FakeProvider(simulate)) as provider:
        row = an_endpoint(base_url=provider.url)
        report = fidelity.measure(actor=ann, domain="vet_clinic", endpoint="m", calls=8)
        row.active = False
        row.save()
        assert fidelity.fidelity_run(report_id=report.pk) == "failed"
    report.refresh_from_db()
    assert "m" in report.error and report.calls == 0


def test_what_cannot_be_measured_is_refused() -> None:
    ann = make_person("ann", Role.AUTHOR)
    with pytest.raises(FidelityRefused, match="no release"):
        fidelity.measure(actor=ann, domain="vet_clinic", endpoint="m", calls=8)
    install()
    an_endpoint(purposes=["judge"])
    with pytest.raises(FidelityRefused, match="may play tools"):
        fidelity.measure(actor=ann, domain="vet_clinic", endpoint="m", calls=8)
    an_endpoint("t")
    with pytest.raises(FidelityRefused, match="number of calls"):
        fidelity.measure(actor=ann, domain="vet_clinic", endpoint="t", calls=0)
    assert not FidelityReport.objects.exists()


def test_another_prompt_makes_another_measurement() -> None:
    install()
    an_endpoint()
    report = fidelity.measure(actor=make_person("ann", Role.AUTHOR), domain="vet_clinic", endpoint="m", calls=8)
    PromptVersion.objects.create(name="tool", number=1, text="Be exact.\n", author="ann", created=timezone.now())
    assert fidelity.fidelity_run(report_id=report.pk) == "failed"
    report.refresh_from_db()
    assert "prompt" in report.error


def test_lost_messages_and_workers_are_noticed() -> None:
    install()
    an_endpoint()
    report = fidelity.measure(actor=make_person("ann", Role.AUTHOR), domain="vet_clinic", endpoint="m", calls=8)
    now = timezone.now()
    assert fidelity.fidelity_ask_again(now=now) == []
    assert fidelity.fidelity_ask_again(now=now + timedelta(minutes=2)) == [report.pk]
    lease = timedelta(seconds=60)
    assert fidelity_take(report_id=report.pk, lease=lease, now=now) == 1
    assert fidelity_take(report_id=report.pk, lease=lease, now=now) == 0, "somebody has it"
    for attempt in range(2, 6):
        now += timedelta(minutes=2)
        assert fidelity_take(report_id=report.pk, lease=lease, now=now) == attempt
    assert fidelity_take(report_id=report.pk, lease=lease, now=now + timedelta(minutes=2)) == 0
    report.refresh_from_db()
    assert report.status == "failed" and fidelity.fidelity_run(report_id=report.pk + 999) == "gone"


def test_the_command_shows_the_cost_and_begins_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    install()
    with provider_in_thread(FakeProvider(simulate)) as provider:
        an_endpoint(base_url=provider.url)
        call_command("fidelity", "--domain", "vet_clinic", "--endpoint", "m", "--calls", "8")
        shown = capsys.readouterr()
        assert "8 calls of" in shown.err and "USD" in shown.err and not FidelityReport.objects.exists()
        call_command("fidelity", "--domain", "vet_clinic", "--endpoint", "m", "--calls", "8", "--yes")
        assert "all tools" in capsys.readouterr().out
    with pytest.raises(CommandError, match="may play tools"):
        call_command("fidelity", "--domain", "vet_clinic", "--endpoint", "nobody")
