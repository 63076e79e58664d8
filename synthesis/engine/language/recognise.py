"""Dates, times and amounts of money found in a text of any author, English and Korean.

``read(text)`` gives everything once per text with positions; ``values.mentions`` compares it with a value. Reading whole expressions
rather than searching for one spelling is what keeps 5 March apart from 15 March and $4.50 apart from $14.50.
"""

import re
from functools import lru_cache
from typing import NamedTuple

Day = tuple[int | None, int, int]
"""Year (None when not said), month, day."""

_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "：": ":"})

_NAMES = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
MONTH_NAMES = re.compile(rf"(?:{_NAMES})\b", re.ASCII)
_MONTHS = {name: i + 1 for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])}

_DATE = re.compile(
    rf"""
      (?<![\d.,:$/-])(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<m1>{_NAMES})\b\.?(?:,?\s+(?P<y1>\d{{4}})(?![\d:]))?
    | \b(?P<m2>{_NAMES})\.?\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|\s?[ap]\.?\s?m\b)(?:,?\s+(?P<y2>\d{{4}})(?![\d:]))?
    | (?<!\d)(?P<y3>\d{{4}})[-/.](?P<m3>\d{{1,2}})[-/.](?P<d3>\d{{1,2}})(?!\d)
    | (?<![\d/])(?P<m4>\d{{1,2}})/(?P<d4>\d{{1,2}})/(?P<y4>\d{{4}})(?!\d)
    | (?:(?P<y5>\d{{4}})년\s*)?(?<!\d)(?P<m5>\d{{1,2}})월\s*(?P<d5>\d{{1,2}})일
    """,
    re.VERBOSE | re.ASCII,
)
_TIME = re.compile(
    r"""
      (?P<part>오전|오후|아침|새벽|저녁|밤|낮|점심)\s*(?P<h1>\d{1,2})
        (?::(?P<n1>\d{2})|시(?!간)(?:\s*(?P<n1b>\d{1,2})분|\s*(?P<half1>반))?)
    | (?<![\d:.$])(?P<h2>\d{1,2})(?:[:.](?P<n2>\d{2}))?\s?(?P<half>[ap])\.?\s?m\b\.?
    | (?<![\d:.$])(?P<h3>\d{1,2}):(?P<n3>\d{2})(?::00)?(?![\d:])
    | (?<!\d)(?P<h4>\d{1,2})시(?!간)(?:\s*(?P<n4>\d{1,2})분|\s*(?P<half4>반))?
    | (?P<word>\b(?:noon|midday|midnight)\b|정오|자정)
    """,
    re.VERBOSE | re.ASCII,
)
_MONEY = re.compile(
    r"""
      (?P<minus>-\s?)?\$\s?(?P<a1>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(?P<c1>\d{1,2})(?!\d))?
    | (?<![\d.,$])(?P<man>\d+)만\s*(?P<rest>\d{1,4})?\s*(?:달러|불)
    | (?<![\d.,$])(?P<a2>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(?P<c2>\d{1,2}))?
        \s*(?:dollars?\b|bucks\b|usd\b|달러|불(?=\s|$|[.,이은을로]))(?:\s*(?:and\s+)?(?P<c2b>\d{1,2})\s*(?:cents?\b|센트))?
    | (?<![\d.,$])(?P<cents>\d{1,2})\s*(?:cents?\b|센트)
    | (?<![\d.,$:-])(?P<a3>\d{1,3}(?:,\d{3})+|\d+)\.(?P<c3>\d{2})(?![\d%]|\.\d|\s?[ap]\.?m\b)
    """,
    re.VERBOSE | re.ASCII,
)


class Reading(NamedTuple):
    """What a text states, with the positions at which it does: days, minutes of the day, moments ``(day, minute)`` and cents."""

    days: tuple[tuple[int, Day], ...]
    times: tuple[tuple[int, int], ...]
    moments: tuple[tuple[int, tuple[Day, int]], ...]
    amounts: tuple[tuple[int, int], ...]


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """``text`` in lower case with typographic quotes, dashes and spaces made plain; positions stay."""
    lowered = text.lower()
    return (lowered if len(lowered) == len(text) else text).translate(_PLAIN)


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Everything that ``text`` states."""
    line = plain(text)
    days = [(m.start(), m.end(), _day(m)) for m in _DATE.finditer(line)]
    times = [(m.start(), m.end(), minute) for m in _TIME.finditer(line) if (minute := _minute(m)) is not None]
    amounts = tuple((m.start(), _cents(m)) for m in _MONEY.finditer(line))
    return Reading(
        days=tuple((start, day) for start, _, day in days if _exists(day)),
        times=tuple((start, minute) for start, _, minute in times),
        moments=tuple(_moments(line, days, times)),
        amounts=amounts,
    )


def _exists(day: Day) -> bool:
    return 1 <= day[1] <= 12 and 1 <= day[2] <= 31


def _day(match: re.Match[str]) -> Day:
    parts = match.groupdict()
    for i in "12345":
        if parts[f"d{i}"]:
            month = parts[f"m{i}"]
            number = int(month) if month.isdigit() else _MONTHS[month[:3]]
            return (int(parts[f"y{i}"]) if parts[f"y{i}"] else None, number, int(parts[f"d{i}"]))
    raise AssertionError(match[0])


def _minute(match: re.Match[str]) -> int | None:
    """Minutes since midnight, or None for what is no time of day."""
    part = match.groupdict()
    if part["word"]:
        return 0 if part["word"] in {"midnight", "자정"} else 720
    if part["part"]:
        hour = _korean_hour(part["part"], int(part["h1"]))
        minute = 30 if part["half1"] else int(part["n1"] or part["n1b"] or 0)
    elif part["h2"]:
        hour, minute = int(part["h2"]) % 12 + (12 if part["half"] == "p" else 0), int(part["n2"] or 0)
        if not 1 <= int(part["h2"]) <= 12:
            return None
    elif part["h3"]:
        hour, minute = int(part["h3"]), int(part["n3"])
    else:
        hour, minute = int(part["h4"]), 30 if part["half4"] else int(part["n4"] or 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _korean_hour(part: str, hour: int) -> int:
    if hour > 12:
        return hour
    if part in {"오전", "아침", "새벽"}:
        return hour % 12
    if part in {"낮", "점심"}:
        return hour if hour >= 10 else hour + 12
    if part == "밤":
        return 0 if hour == 12 else hour + 12 if hour >= 6 else hour
    return hour % 12 + 12


def _cents(match: re.Match[str]) -> int:
    part = match.groupdict()
    if part["man"]:
        return (int(part["man"]) * 10_000 + int(part["rest"] or 0)) * 100
    if part["cents"]:
        return int(part["cents"])
    for i in "123":
        if part[f"a{i}"]:
            fraction = part[f"c{i}"]
            cents = int(part[f"a{i}"].replace(",", "")) * 100 + (int(fraction.ljust(2, "0")) if fraction else 0)
            cents += int(part["c2b"] or 0) if i == "2" else 0
            return -cents if part["minus"] else cents
    raise AssertionError(match[0])


_BETWEEN = re.compile(r"\s*(?:,|on|\(|에)?\s*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s*)?(?:the\s*)?")


def _moments(line: str, days: list[tuple[int, int, Day]], times: list[tuple[int, int, int]]) -> list[tuple[int, tuple[Day, int]]]:
    """Every time with the day before it, and with the day right after it ("2 pm on 5 March")."""
    found: list[tuple[int, tuple[Day, int]]] = []
    for start, end, minute in times:
        before = [day for day in days if day[1] <= start]
        after = next((day for day in days if day[0] >= end), None)
        adjacent = after is not None and _BETWEEN.fullmatch(line, end, after[0]) is not None
        if before:
            found.append((before[-1][0], (before[-1][2], minute)))
        if after is not None and (adjacent or not before):
            found.append((start, (after[2], minute)))
    return found
