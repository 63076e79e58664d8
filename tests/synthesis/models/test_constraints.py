"""What the database itself refuses, and JSON kept to the letter."""

from typing import Any

import pytest
from django.db import IntegrityError, NotSupportedError, connection, transaction
from django.utils import timezone

from synthesis.models import Domain, DomainRelation, Episode, Event, Release, Run, Scenario, Tool
from tests.builders_runs import a_run, install

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """A run of two planned episodes."""
    install()
    return a_run(2)


def refused(rows: Any, **changes: Any) -> bool:
    """Whether the database refuses to change rows so."""
    try:
        with transaction.atomic():
            rows.update(**changes)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Domain, {"complexity": 6}),
        (Domain, {"complexity": 0}),
        (Run, {"episodes": 0}),
        (Run, {"slip_rate": 1.01}),
        (Run, {"threshold": 5.5}),
        (Run, {"status": "sleeping"}),
        (Episode, {"status": "lost"}),
        (Episode, {"status": "queued"}),
        (Episode, {"index": 0}),
        (Tool, {"failures": 1}),
        (Tool, {"name": "same"}),
    ],
)
def test_rows_that_make_no_sense_are_refused(run: Run, model: Any, changes: dict[str, Any]) -> None:
    assert refused(model.objects.all(), **changes)


def test_a_sound_change_is_not_refused(run: Run) -> None:
    assert not refused(Run.objects.all(), threshold=5.0, slip_rate=1.0)


def test_a_domain_is_neither_its_own_parent_nor_tied_to_itself(run: Run) -> None:
    domain = Domain.objects.get()
    assert refused(Domain.objects.all(), parent=domain)
    with pytest.raises(IntegrityError), transaction.atomic():
        DomainRelation.objects.create(domain=domain, other=domain, kind="sibling")


def test_digests_and_numbers_are_unique(run: Run) -> None:
    release = Release.objects.get()
    for twin in ({"number": 2, "digest": release.digest}, {"number": 1, "digest": "other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.create(domain=release.domain, pack_text="", pack={}, **twin)


def test_a_log_has_one_event_at_each_number(run: Run) -> None:
    episode = Episode.objects.filter(run=run)[0]
    event = {"episode": episode, "seq": 0, "kind": "note", "turn": 0, "head": "", "payload": {}, "created": timezone.now()}
    Event.objects.create(**event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.bulk_create([Event(**event)])


def test_json_keeps_its_order_and_its_numbers(run: Run) -> None:
    text = '{"zebra":1,"ant":{"b":1.0,"a":1e+300},"list":[3,1,2]}'
    body = {"zebra": 1, "ant": {"b": 1.0, "a": 1e300}, "list": [3, 1, 2]}
    Scenario.objects.create(digest="d", release=Release.objects.get(), variation="plain", difficulty=1, body=body)
    read = Scenario.objects.get().body
    assert list(read) == ["zebra", "ant", "list"] and list(read["ant"]) == ["b", "a"]
    assert isinstance(read["ant"]["b"], float)
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(body AS text) FROM synthesis_scenario")
        assert cursor.fetchone()[0].replace("e+300", "e300") == text.replace("e+300", "e300")


def test_json_that_postgresql_cannot_compare_is_compared_nowhere(run: Run) -> None:
    with pytest.raises(NotSupportedError, match="compare them in Python"):
        Run.objects.filter(releases=run.releases).exists()
    assert Run.objects.filter(releases__isnull=False).exists()
