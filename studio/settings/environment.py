"""Reads the environment. No other module does.

Every variable is read through one of these functions, which note it in ``DECLARED``; a test compares that with docs/settings.md.
A value that cannot be used raises ImproperlyConfigured with the variable's name and what would do.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

DECLARED: dict[str, str] = {}
"""Names of the variables read so far, and their defaults as text ("" when there is none)."""

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    """The variable as it stands, without surrounding blanks. An empty value counts as not given."""
    DECLARED[name] = default
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``."""
    given = text(name, str(default))
    if not (given.isascii() and given.isdigit()) or not low <= int(given) <= high:
        raise ImproperlyConfigured(f"{name}={given!r}: give a whole number from {low} to {high}")
    return int(given)


def flag(name: str, default: bool) -> bool:
    """Yes or no: ``1 true yes on`` or ``0 false no off``."""
    given = text(name, "1" if default else "0").lower()
    if given not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={given!r}: give 1 or 0")
    return given in TRUE


def choice(name: str, default: str, *allowed: str) -> str:
    """One of ``allowed``."""
    given = text(name, default)
    if given not in allowed:
        raise ImproperlyConfigured(f"{name}={given!r}: give one of {', '.join(allowed)}")
    return given


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def places(name: str, default: str = "") -> list[str]:
    """Hosts with ports, ``host:port`` or ``[::1]:port``, and the words ``loopback`` and ``none``, separated by commas; without ``none``."""
    named = [word.lower() for word in words(name, default)]
    if any(word not in {"loopback", "none"} and not _is_place(word) for word in named):
        raise ImproperlyConfigured(f"{name}: name places as host:port, separated by commas, or say loopback (or none)")
    return [word.replace("[", "").replace("]", "") for word in named if word != "none"]


def _is_place(word: str) -> bool:
    host, _colon, port = word.rpartition(":")
    return bool(host) and not set(host) & set("*/@ ") and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535


def hosts(name: str) -> list[str]:
    """Names of hosts, separated by commas. Wildcards are refused: a studio that answers to every name trusts every visitor's."""
    named = words(name)
    if any("*" in host or host.startswith(".") for host in named):
        raise ImproperlyConfigured(f"{name}: name the hosts this studio is reached by, without wildcards, separated by commas")
    return named


def of_child(**more: str) -> dict[str, str]:
    """The environment of a child process: ours, with ``more``."""
    return {**os.environ, **more}


def folder(name: str, default: Path, shown: str) -> Path:
    """A folder, made absolute. ``shown`` is the default as the documentation names it."""
    given = text(name)
    DECLARED[name] = shown
    return Path(given).expanduser().resolve() if given else default


def database(name: str, default: Path, shown: str) -> dict[str, Any]:
    """A ``DATABASES`` entry from ``postgres://user:password@host:port/name?option=value`` or ``sqlite:///path``.

    Without the variable: SQLite at ``default``. PostgreSQL's socket folder may stand in ``?host=``.
    """
    given = text(name)
    DECLARED[name] = shown
    if not given:
        return sqlite(default)
    url = urlsplit(given)
    if url.scheme == "sqlite" and len(url.path) > 1:
        return sqlite(Path(unquote(url.path[1:] if url.path.startswith("//") else url.path)))
    if url.scheme not in {"postgres", "postgresql"} or len(url.path) < 2:
        raise ImproperlyConfigured(f"{name}: give postgres://user:password@host:port/name or sqlite:////folder/file.sqlite3")
    return postgres(url.path[1:], dict(parse_qsl(url.query)), url.hostname, url.port, url.username, url.password)


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite as we run it: readers beside one writer, which waits for its turn instead of failing."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY",
        },
    }


def postgres(
    name: str, options: dict[str, Any], host: str | None, port: int | None, user: str | None, password: str | None
) -> dict[str, Any]:
    """PostgreSQL as we run it: no statement over 30 s, no wait for a lock over 5 s, connections checked before use."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(name),
        "HOST": options.pop("host", None) or host or "",
        "PORT": str(port or ""),
        "USER": unquote(user or ""),
        "PASSWORD": unquote(password or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c statement_timeout=30000 -c lock_timeout=5000", "connect_timeout": 5, **options},
    }


def broker(name: str, default: Path, shown: str) -> str:
    """A broker URL. Without the variable: SQLite at ``default`` (see embedded_broker)."""
    given = text(name)
    DECLARED[name] = shown
    return given.removeprefix("sqla+") or f"sqlite:///{quote(str(default))}"
