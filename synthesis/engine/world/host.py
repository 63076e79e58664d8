"""The host side of programs: what ``get``, ``find``, ``insert``, ``now`` ... do.

A Host serves one pack's programs, one call at a time; ``frame`` says on which state and with which rights the call runs.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from synthesis.engine.world.query import BadQuery
from synthesis.engine.world.state import BrokenConstraint, State

MAX_ROWS_READ = 200_000
"""Rows that one call may read in all: a program that scans whole tables in nested loops is stopped."""


class Stopped(Exception):
    """A program called ``stop(code, message)``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class NotAllowed(Exception):
    """A program used a function that its kind may not use; the text says which."""


class Host:
    """Host functions over the current frame. ``failure`` keeps what a host function raised, because the interpreter hides it;
    ``reads`` are the ``(table, key)`` pairs looked at, with key ``*`` for searches."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.writes = False
        self.rng: random.Random | None = None
        self.failure: Exception | None = None
        self.reads: set[tuple[str, str]] = set()
        self._read = 0
        self._callers = ""

    def frame(self, state: State, *, writes: bool = False, rng: random.Random | None = None, callers: str = "") -> None:
        """Prepare for one call; ``callers`` is the table of callers, for a tool of the user's side."""
        self.state, self.writes, self.rng, self._callers = state, writes, rng, callers
        self.failure, self._read, self.reads = None, 0, set()

    def functions(self) -> dict[str, Callable[..., object]]:
        """The functions to give to an interpreter. What one raises is kept in ``failure``."""
        names: dict[str, Callable[..., object]] = {
            "_get": self._get,
            "_find": self._find,
            "_count": self._count,
            "_insert": self._insert,
            "_update": self._update,
            "_delete": self._delete,
            "new_id": self._new_id,
            "_caller": self._caller,
            "now": self._now,
            "today": self._today,
            "stop": self._stop,
            "_draw": self._draw,
            "_sample": self._sample,
            "_chance": self._chance,
            "_round": self._round,
            "add_days": add_days,
            "add_minutes": add_minutes,
            "days_between": days_between,
            "minutes_between": minutes_between,
            "weekday": weekday,
            "money": money,
        }
        return {name: self._guarded(function) for name, function in names.items()}

    def _guarded(self, function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            try:
                return function(*arguments, **named)
            except Exception as error:
                self.failure = error
                raise

        return call

    @property
    def _state(self) -> State:
        assert self.state is not None
        return self.state

    def _must_write(self, name: str) -> State:
        if not self.writes:
            raise NotAllowed(f"{name} is for write tools and seed only; this program reads")
        return self._state

    def _random(self, name: str) -> random.Random:
        if self.rng is None:
            raise NotAllowed(f"{name} is for seed and bind only; tools and checks have no randomness")
        return self.rng

    def _count_rows(self, n: int) -> None:
        self._read += n + 1
        if self._read > MAX_ROWS_READ:
            raise NotAllowed(f"read more than {MAX_ROWS_READ:,} rows in one call; filter in find() instead of looping over whole tables")

    def _get(self, query: str) -> str | None:
        table, key = _arguments(query, 2)
        self._count_rows(1)
        self.reads.add((table, str(key)))
        row = self._state.get(table, key)
        return row.text if row else None

    def _find(self, query: str) -> str:
        table, where, order_by, limit = _arguments(query, 4)
        self.reads.add((table, "*"))
        rows = self._state.find(table, where, order_by, limit)
        self._count_rows(len(rows))
        return "[" + ",".join([row.text for row in rows]) + "]"

    def _count(self, query: str) -> int:
        table, where = _arguments(query, 2)
        self.reads.add((table, "*"))
        rows = self._state.find(table, where)
        self._count_rows(len(rows))
        return len(rows)

    def _insert(self, query: str) -> str:
        table, row = _arguments(query, 2)
        return self._must_write("insert").insert(table, _row(row)).text

    def _update(self, query: str) -> str:
        table, key, changes = _arguments(query, 3)
        return self._must_write("update").update(table, key, _row(changes)).text

    def _delete(self, query: str) -> str:
        table, key = _arguments(query, 2)
        return self._must_write("delete").delete(table, key).text

    def _new_id(self, table: str) -> str:
        return self._must_write("new_id").new_id(table)

    def _caller(self) -> str | None:
        if not self._callers:
            raise NotAllowed("caller is for tools of the user's side only; this program learns whom it serves from its arguments")
        key = self._state.tables.spec(self._callers).key
        keys = [self._state.caller] if self._state.caller else [row.values[key] for row in self._state.find(self._callers, {}, None, 1)]
        return self._get(msgspec.json.encode([self._callers, keys[0]]).decode()) if keys else None

    def _now(self) -> str:
        return self._state.base.now

    def _today(self) -> str:
        return self._state.base.now[:10]

    def _stop(self, code: object, message: object) -> None:
        raise Stopped(str(code), str(message))

    def _draw(self, n: int) -> int:
        return self._random("pick").randrange(n)

    def _sample(self, n: int, k: int) -> str:
        return msgspec.json.encode(self._random("sample").sample(range(n), max(0, min(n, k)))).decode()

    def _chance(self, p: float) -> bool:
        return self._random("chance").random() < p

    def _round(self, x: float, n: int) -> float | int:
        return round(x, n) if n else round(x)


def _arguments(query: str, n: int) -> list[Any]:
    """The arguments of a host function; programs reach them through the prelude, but may also call the raw function with anything."""
    values: Any = msgspec.json.decode(query)
    if not isinstance(values, list) or len(values) != n or not isinstance(values[0], str):
        raise BadQuery("a table is named by text; call get, find, insert ... as docs/pack-format.md shows")
    return values


def _row(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BrokenConstraint("a row is a dict of columns")
    return value


def _moment(when: str) -> datetime:
    try:
        return datetime.fromisoformat(when)
    except (ValueError, TypeError):
        raise BadQuery(f"{when!r} is no date (YYYY-MM-DD) or moment (YYYY-MM-DDTHH:MM)") from None


def _like(when: str, moment: datetime) -> str:
    return moment.date().isoformat() if len(when) == len("2026-01-01") else moment.strftime("%Y-%m-%dT%H:%M")


def add_days(when: str, n: int) -> str:
    """``when`` moved by ``n`` days, in the form given."""
    return _like(when, _moment(when) + timedelta(days=n))


def add_minutes(when: str, n: int) -> str:
    """The moment ``n`` minutes after ``when``."""
    return (_moment(when) + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M")


def days_between(a: str, b: str) -> int:
    """Whole days from the date of ``a`` to the date of ``b``."""
    return (date.fromisoformat(b[:10]) - date.fromisoformat(a[:10])).days


def minutes_between(a: str, b: str) -> int:
    """Whole minutes from ``a`` to ``b``."""
    return int((_moment(b) - _moment(a)).total_seconds() // 60)


def weekday(when: str) -> str:
    """The English name of the day of the week."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[_moment(when).weekday()]


def money(cents: int) -> str:
    """``1250`` as ``$12.50``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
