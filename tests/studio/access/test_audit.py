"""The audit trail: with the change or not at all, never changed, found again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from studio.access import audit
from studio.models import AuditEntry, Role
from studio.models.audit import AppendOnlyError
from tests.people import make_person


def told(actor: User | None, action: str = "runs.start", label: str = "run 7") -> AuditEntry:
    with audit.change(actor, action, "run", 7, label, before={"status": "paused"}) as change:
        change.after = {"status": "running"}
    return AuditEntry.objects.latest("pk")


def test_an_entry_says_who_what_and_how_it_changed(owner: User) -> None:
    entry = told(owner)
    assert (entry.actor, entry.actor_name, entry.action, entry.kind, entry.object_id) == (owner, "owner", "runs.start", "run", "7")
    assert entry.before == audit.digest({"status": "paused"})
    assert entry.after == audit.digest({"status": "running"})
    assert entry.before != entry.after


def test_a_change_that_fails_leaves_no_entry(owner: User) -> None:
    def fail() -> None:
        with audit.change(owner, "members.make", "member"):
            make_person("erin", Role.VIEWER)
            raise ValueError("out of ink")

    with pytest.raises(ValueError, match="out of ink"):
        fail()
    assert not AuditEntry.objects.exists()
    assert not User.objects.filter(username="erin").exists()


@pytest.mark.django_db
def test_commands_are_named(db: None) -> None:
    entry = told(None)
    assert (entry.actor, entry.actor_name) == (None, audit.COMMAND)


def test_long_names_are_cut_not_refused(owner: User) -> None:
    assert len(told(owner, label="x" * 1000).label) == 200


def test_entries_are_never_changed(owner: User) -> None:
    entry = told(owner)
    entry.note = "nothing happened"
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(note=""),
        lambda: AuditEntry.objects.bulk_update([entry], ["note"]),
    ):
        with pytest.raises(AppendOnlyError):
            change()


def test_the_database_refuses_changes_too(owner: User) -> None:
    told(owner)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE studio_auditentry SET note = 'nothing happened'")


def test_digests() -> None:
    assert audit.digest(None) == ""
    assert audit.digest({"b": 1, "a": 2}) == audit.digest({"a": 2, "b": 1})
    assert audit.digest("text") != "text"
    assert audit.digest(audit.digest("text")) == audit.digest("text")
    assert audit.digest("\ud800")


def test_entries_are_found_by_who_what_object_and_when(people: dict[Role, User]) -> None:
    owner, author = people[Role.OWNER], people[Role.AUTHOR]
    first = told(owner, "runs.start")
    second = told(author, "runs.cancel", "run eight")
    third = told(owner, "members.role", "erin")
    assert audit.entries() == [third, second, first]
    assert audit.entries(actor_id=owner.pk) == [third, first]
    assert audit.entries(action="runs") == [second, first]
    assert audit.entries(action="runs.start") == [first]
    assert audit.entries(thing="erin") == [third]
    assert audit.entries(thing="7") == [third, second, first]
    assert audit.entries(since=timezone.now() + timedelta(minutes=1)) == []
    assert audit.entries(before_id=second.pk) == [first]
    assert audit.actions() == ["members.role", "runs.cancel", "runs.start"]
