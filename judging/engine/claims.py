"""What a text claims (ids, dates, times, amounts of money, numbers), and whether anything that the agent has seen bears it out.

This is the inverse of saying a value, and on purpose coarser: it is asked only whether a claim occurs anywhere in what was seen.
"""

import re
from itertools import combinations
from typing import Any

import msgspec

from synthesis.engine.language.recognise import read

_ID = re.compile(
    r"(?<![A-Za-z0-9@/.-])(?=[A-Za-z0-9_-]*\d)[A-Z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)+(?![A-Za-z0-9])|(?<![A-Za-z0-9-])[A-Z]{1,5}\d{3,}(?![A-Za-z0-9])",
    re.ASCII,
)
_DASHED = re.compile(r"(?<![\d.$-])\d{2,}(?:-\d{2,})+(?![\d-])", re.ASCII)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.$,-])\d[\d,]*(?:\.\d+)?(?![\d-]|,\d|\.\d|\s?(?:달러|불|센트|dollars?\b|bucks\b|cents?\b))", re.ASCII)
"""Numbers other than those of amounts and ids."""
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?)?")
_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TURN = re.compile(r"noon|midday|midnight|정오|자정", re.I)
"""Times of day that are as often turns of phrase."""
_COUNTS = 100
"""Whole numbers below this are taken for counts and turns of phrase."""
_TIMES = 13
"""A price may be said for up to a dozen of a thing."""
_SUMMED = 8
"""Columns of at most so many values are summed in every way."""


class Claims(msgspec.Struct):
    """Values claimed by a text: ``ids`` as ``plain_id``; ``dates`` (month, day); ``times`` minutes of the day; ``money`` cents;
    ``numbers``.
    """

    ids: set[str]
    dates: set[tuple[int, int]]
    times: set[int]
    money: set[int]
    numbers: set[float]


def claims_of(text: str) -> Claims:
    """Read the claims of ``text``, English or Korean."""
    said = read(text)
    tokens = {token for token in (*_ID.findall(text), *_DASHED.findall(text)) if not _ISO_DAY.match(token)}
    return Claims(
        ids={plain_id(token) for token in tokens},
        dates={day[1:] for _, day in said.days},
        times={minute for at, minute in said.times if not _TURN.match(text, at)},
        money={cents for _, cents in said.amounts},
        numbers={float(token.replace(",", "")) for token in _NUMBER.findall(text)},
    )


def plain_id(token: str) -> str:
    """An id without case, dashes, underscores and spaces."""
    return token.casefold().replace("-", "").replace("_", "").replace(" ", "")


class Known:
    """What the agent has seen so far: texts said to it and results. Grows as the episode is walked."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.dates: set[tuple[int, int]] = set()
        self.times: set[int] = set()
        self.numbers: set[float] = set()
        self.columns: dict[str, list[float]] = {}
        """Numbers of results by the name they stand under, for what can be reckoned from them."""

    def join(self, other: "Known") -> None:
        """Take in all that ``other`` knows."""
        self.ids |= other.ids
        self.dates |= other.dates
        self.times |= other.times
        self.numbers |= other.numbers
        for name, values in other.columns.items():
            self.columns.setdefault(name, []).extend(values)

    def hear(self, text: str) -> None:
        """Take in what somebody said, or what a prompt says."""
        claims = claims_of(text)
        self.ids |= claims.ids
        self.dates |= claims.dates
        self.times |= claims.times
        self.numbers |= claims.numbers | {cents / 100 for cents in claims.money} | set(map(float, claims.money))

    def read(self, result: Any) -> None:
        """Take in a result, arguments or an error: every value at every depth, and the sizes of lists."""
        if isinstance(result, str):
            self._text(result)
        elif isinstance(result, bool) or result is None:
            return
        elif isinstance(result, int | float):
            self.numbers.add(float(result))
            self.ids.add(str(result))
        elif isinstance(result, dict):
            for name, item in result.items():
                if isinstance(item, int | float) and not isinstance(item, bool):
                    self.columns.setdefault(name, []).append(float(item))
                self.read(item)
        elif isinstance(result, list):
            self.numbers.add(float(len(result)))
            for item in result:
                self.read(item)

    def _text(self, value: str) -> None:
        """Most values are plain ISO moments and ids: those are read without the language's grammar, which would cost more than all the
        rest.
        """
        moment = _ISO.fullmatch(value)
        if moment:
            self.dates.add((int(moment[1]), int(moment[2])))
            self.numbers.add(float(value[:4]))
            if moment[3]:
                self.times.add(int(moment[3]) * 60 + int(moment[4]))
        elif clock := _CLOCK.fullmatch(value):
            self.times.add(int(clock[1]) * 60 + int(clock[2]))
        elif any(map(str.isdigit, value)):
            self.ids.add(plain_id(value))
            if " " in value:
                self.hear(value)
            else:
                self.numbers.update(float(token.replace(",", "")) for token in _NUMBER.findall(value))

    def lacks(self, claims: Claims) -> list[str]:
        """The claims that nothing seen so far supports, in words."""
        wrong = [f"id {token}" for token in sorted(claims.ids) if token not in self.ids]
        wrong += [f"date {month:02d}-{day:02d}" for month, day in sorted(claims.dates - self.dates)]
        wrong += [f"time {minute // 60:02d}:{minute % 60:02d}" for minute in sorted(claims.times) if not self._knows_time(minute)]
        wrong += [f"amount {cents / 100:.2f}" for cents in sorted(claims.money) if not self._knows_money(cents)]
        return wrong + [f"number {number:g}" for number in sorted(claims.numbers) if not self._knows_number(number)]

    def _knows_time(self, minute: int) -> bool:
        """Half a day more is as good: "2시" and "at 2" leave it open."""
        return minute in self.times or (minute < 720 and minute + 720 in self.times)

    def _knows_money(self, cents: int) -> bool:
        return float(cents) in self.numbers or cents / 100 in self.numbers or self._can_reckon(float(cents))

    def _can_reckon(self, amount: float) -> bool:
        """Whether simple sums give it: some values of one column together, less or plus one of another, or one several times over."""
        values = {value for column in self.columns.values() for value in column if value}
        if any(amount == value * times for value in values for times in range(2, _TIMES)):
            return True
        sums = {total for column in self.columns.values() for total in _subset_sums(column)}
        return amount in sums or any(amount - total in values or total - amount in values for total in sums)

    def _knows_number(self, number: float) -> bool:
        """A number may stand for dollars of an amount kept in cents, and a token of digits for an id."""
        if number in self.numbers or round(number * 100, 6) in self.numbers or (number < _COUNTS and number.is_integer()):
            return True
        return number.is_integer() and str(int(number)) in self.ids


def _subset_sums(column: list[float]) -> set[float]:
    """Sums of any values of a column; of a long one, of pairs and of all."""
    values = [value for value in column if value]
    if len(values) > _SUMMED:
        return {a + b for a, b in combinations(values, 2)} | {sum(values)}
    sums = {0.0}
    for value in values:
        sums |= {total + value for total in sums}
    return sums - {0.0}
