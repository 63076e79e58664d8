"""Makers: how the values of a column come about when a world is seeded (``make`` in a pack)."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from faker.factory import Factory

from synthesis.engine.packs import holes
from synthesis.engine.packs.model import Column
from synthesis.engine.world.rows import Values

PETS = [
    "Biscuit",
    "Bella",
    "Milo",
    "Luna",
    "Rex",
    "Daisy",
    "Oscar",
    "Nala",
    "Toby",
    "Willow",
    "Simba",
    "Poppy",
    "Felix",
    "Coco",
    "Max",
    "Ruby",
    "Loki",
    "Hazel",
    "Teddy",
    "Pepper",
    "Shadow",
    "Rosie",
    "Finn",
    "Maple",
    "Gus",
    "Olive",
    "Ziggy",
    "Mocha",
    "Jasper",
    "Cleo",
    "Bruno",
    "Tilly",
    "Archie",
    "Pumpkin",
    "Scout",
    "Minnie",
    "Otis",
    "Kiwi",
    "Rocky",
    "Clover",
]
TRIES = 200
"""Draws for a unique value before giving up."""


class NoMoreValues(ValueError):
    """A unique column ran out of values. The text says how to mend it."""


class Maker:
    """Draws column values for one world. ``today`` is ``YYYY-MM-DD``; ``keys(table)`` are the keys made so far."""

    def __init__(self, rng: random.Random, today: str, keys: Callable[[str], list[str]]) -> None:
        self.rng, self.keys = rng, keys
        self.today = date.fromisoformat(today)
        self.fakes: Any = _faker()
        self.fakes.random = rng
        self._taken: dict[tuple[str, str], set[Any]] = {}

    def value(self, table: str, name: str, column: Column, number: int, row: Values) -> Any:
        """A value for column ``name`` of row ``number`` (from 1), whose earlier columns are ``row``. Raises NoMoreValues."""
        make = column.make or ({"ref": column.ref} if column.ref and not column.nullable else None)
        if make is None:
            return row.get(name)
        if "null_rate" in make and self.rng.random() < make["null_rate"]:
            return None
        if not column.unique:
            return self._draw(make, number, row)
        taken = self._taken.setdefault((table, name), set())
        for _ in range(TRIES):
            value = self._draw(make, number, row)
            if value not in taken:
                taken.add(value)
                return value
        raise NoMoreValues(f"tables.{table}.columns.{name}: no unused value in {TRIES} draws; make fewer rows or allow more values")

    def _draw(self, make: dict[str, Any], number: int, row: Values) -> Any:
        kind = next(key for key in make if key not in {"unique", "null_rate"})
        return _DRAWS[kind](self, make[kind], number, row)

    def day(self, offset: int) -> str:
        """The date ``offset`` days from today."""
        return (self.today + timedelta(days=offset)).isoformat()


@cache
def _faker() -> Any:
    """Faker's generator; its providers are added at run time, so it has no useful type."""
    return Factory.create("en_US")


def _weighted(maker: Maker, spec: dict[str, float], _: int, __: Values) -> str:
    return maker.rng.choices(list(spec), weights=list(spec.values()))[0]


def _pattern(maker: Maker, spec: str, _: int, __: Values) -> str:
    draw = {"#": lambda: str(maker.rng.randrange(10)), "@": lambda: maker.rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")}
    return "".join(draw[sign]() if sign in draw else sign for sign in spec)


def _ref(maker: Maker, table: str, _: int, __: Values) -> str | None:
    keys = maker.keys(table)
    return maker.rng.choice(keys) if keys else None


def _moment(maker: Maker, spec: dict[str, Any], _: int, __: Values) -> str:
    return f"{maker.day(maker.rng.randint(*spec['days']))}T{maker.rng.choice(spec['times'])}"


def _fake(maker: Maker, name: str, _: int, __: Values) -> str:
    return _FAKES[name](maker)


def _full_name(maker: Maker) -> str:
    return f"{maker.fakes.first_name()} {maker.fakes.last_name()}"


def _email(maker: Maker) -> str:
    return f"{maker.fakes.first_name()}.{maker.fakes.last_name()}{maker.rng.randrange(10, 100)}@example.com".lower()


_FAKES: dict[str, Callable[[Maker], str]] = {
    "full_name": _full_name,
    "first_name": lambda m: str(m.fakes.first_name()),
    "last_name": lambda m: str(m.fakes.last_name()),
    "company": lambda m: str(m.fakes.company()),
    "city": lambda m: str(m.fakes.city()),
    "street": lambda m: str(m.fakes.street_address()).split(" Apt.")[0].split(" Suite")[0],
    "postcode": lambda m: str(m.fakes.postcode()),
    "email": _email,
    "pet_name": lambda m: m.rng.choice(PETS),
    "color": lambda m: str(m.fakes.safe_color_name()),
    "word": lambda m: str(m.fakes.word()),
}

_DRAWS: dict[str, Callable[[Maker, Any, int, Values], Any]] = {
    "serial": lambda m, spec, number, row: spec.format(number),
    "fake": _fake,
    "pattern": _pattern,
    "choice": lambda m, spec, number, row: m.rng.choice(spec),
    "weighted": _weighted,
    "int": lambda m, spec, number, row: m.rng.randint(*spec),
    "step": lambda m, spec, number, row: m.rng.randrange(spec[0], spec[1] + 1, spec[2]),
    "number": lambda m, spec, number, row: round(m.rng.uniform(spec[0], spec[1]), int(spec[2])),
    "date": lambda m, spec, number, row: m.day(m.rng.randint(*spec)),
    "moment": _moment,
    "chance": lambda m, spec, number, row: m.rng.random() < spec,
    "template": lambda m, spec, number, row: holes.resolve(spec, row),
    "ref": _ref,
}
