"""Reading the environment: what counts as given, what is refused and in which words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio.settings import environment

DEFAULT = Path("/somewhere/studio.sqlite3")


def test_text_is_stripped_and_empty_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "  value ")
    assert environment.text("X", "default") == "value"
    monkeypatch.setenv("X", "  ")
    assert environment.text("X", "default") == "default"


def test_every_read_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "DECLARED", {})
    environment.number("A", 3, 1, 5)
    environment.flag("B", True)
    environment.folder("C", DEFAULT, "somewhere")
    assert environment.DECLARED == {"A": "3", "B": "1", "C": "somewhere"}


@pytest.mark.parametrize("given", ["1", "5"])
def test_number_takes_its_bounds(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("X", given)
    assert environment.number("X", 3, 1, 5) == int(given)


@pytest.mark.parametrize(
    ("read", "given", "says"),
    [
        (lambda: environment.number("X", 3, 1, 5), "0", "X='0': give a whole number from 1 to 5"),
        (lambda: environment.number("X", 3, 1, 5), "6", "from 1 to 5"),
        (lambda: environment.number("X", 3, 1, 5), "2.0", "whole number"),
        (lambda: environment.number("X", 3, 1, 5), "-2", "whole number"),
        (lambda: environment.number("X", 3, 1, 5), "²", "whole number"),
        (lambda: environment.flag("X", False), "maybe", "X='maybe': give 1 or 0"),
        (lambda: environment.choice("X", "a", "a", "b"), "c", "X='c': give one of a, b"),
        (lambda: environment.database("X", DEFAULT, ""), "mysql://host/name", "postgres://user:password@host:port/name"),
        (lambda: environment.database("X", DEFAULT, ""), "postgres://host", "postgres://user:password@host:port/name"),
        (lambda: environment.database("X", DEFAULT, ""), "sqlite:///", "sqlite:////folder/file.sqlite3"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], given: str, says: str) -> None:
    monkeypatch.setenv("X", given)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert says in str(refused.value)


@pytest.mark.parametrize(("given", "value"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_flag(monkeypatch: pytest.MonkeyPatch, given: str, value: bool) -> None:
    monkeypatch.setenv("X", given)
    assert environment.flag("X", not value) is value


def test_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "a.example, b.example,,")
    assert environment.words("X") == ["a.example", "b.example"]


def test_folder_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("X", "data")
    assert environment.folder("X", DEFAULT, "") == tmp_path / "data"


def test_database_defaults_to_sqlite_that_waits_its_turn() -> None:
    settings = environment.database("X_UNSET", DEFAULT, "")
    assert settings["NAME"] == str(DEFAULT)
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite:////a/b%20c.sqlite3", "/a/b c.sqlite3"), ("sqlite:///relative.sqlite3", "relative.sqlite3")]
)
def test_database_sqlite_url(monkeypatch: pytest.MonkeyPatch, url: str, name: str) -> None:
    monkeypatch.setenv("X", url)
    assert Path(environment.database("X", DEFAULT, "")["NAME"]).name == Path(name).name
    assert environment.database("X", DEFAULT, "")["NAME"].endswith(name)


def test_database_postgres_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgresql://some%40one:p%2Fw@db.example:6432/the%20name?sslmode=require")
    settings = environment.database("X", DEFAULT, "")
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"], settings["PORT"], settings["NAME"]) == (
        "some@one",
        "p/w",
        "db.example",
        "6432",
        "the name",
    )
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert "statement_timeout=30000" in settings["OPTIONS"]["options"]


def test_database_postgres_socket_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgres:///name?host=/run/postgresql")
    settings = environment.database("X", DEFAULT, "")
    assert settings["HOST"] == "/run/postgresql"
    assert "host" not in settings["OPTIONS"]


def test_broker_defaults_to_a_file_and_takes_kombus_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.broker("X_UNSET", Path("/a b/broker.sqlite3"), "") == "sqlite:////a%20b/broker.sqlite3"
    monkeypatch.setenv("X", "sqla+sqlite:////a/broker.sqlite3")
    assert environment.broker("X", DEFAULT, "") == "sqlite:////a/broker.sqlite3"
    monkeypatch.setenv("X", "redis://host:6379/0")
    assert environment.broker("X", DEFAULT, "") == "redis://host:6379/0"
