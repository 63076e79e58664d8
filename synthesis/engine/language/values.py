"""Saying a value as people say it, and telling whether a text states it.

``say`` knows many natural renderings per kind and language; ``mentions`` recognises every one of them in either language and keeps
different values apart. Together they ground a conversation: the agent sees that the user told a fact, the user and the checks see that
the agent did.
"""

import datetime as dt
import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from synthesis.engine.language.recognise import MONTH_NAMES, Day, plain, read

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2})?")
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEKDAYS_KO = "월화수목금토일"
_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}
_TALKED_OF_YEARS = (2026, 2027)
"""Years that go without saying: the worlds live in 2026, bookings reach into the next."""


class Style(msgspec.Struct, frozen=True):
    """How one person says values: positions into the renderings of each kind (taken modulo their number). ``steady`` is the share of
    messages in which they keep to it.
    """

    date: int = 0
    clock: int = 0
    money: int = 0
    joint: int = 0
    steady: float = 0.75


def style_for(rng: random.Random) -> Style:
    """A person's habits, drawn from ``rng``."""
    return Style(
        date=rng.randrange(60),
        clock=rng.randrange(60),
        money=rng.randrange(60),
        joint=rng.randrange(60),
        steady=rng.choice((0.6, 0.75, 0.9)),
    )


def say(value: Any, kind: str, language: str, style: Style) -> str:
    """``value`` in words fit for the middle of a sentence in ``language`` (``en`` or ``ko``).

    ``kind`` is text, id, date, time, datetime, money or number; money is integer cents, dates and moments are ISO text. A value that does
    not fit its kind (a user's wrong value, say) is said as text.
    """
    if kind == "datetime" and (day := _day_of(value)) and (clock := _clock_of(value)):
        with_at = style.joint % 10 < 7
        return _joined(_pick(_dates(day, language), style.date), _pick(_times(clock, language), style.clock), language, with_at)
    habit = {"date": style.date, "time": style.clock, "money": style.money}.get(kind, 0)
    return _pick(renderings(value, kind, language), habit)


def _pick(choices: Sequence[str], habit: int) -> str:
    return choices[habit % len(choices)]


def _joined(day: str, clock: str, language: str, with_at: bool) -> str:
    if language == "ko":
        return f"{day} {clock}"
    return f"{day} at {clock}" if with_at else f"{day}, {clock}"


def renderings(value: Any, kind: str, language: str) -> list[str]:
    """Every way in which ``say`` may say ``value``; at least one."""
    day, clock = (_day_of(value), _clock_of(value)) if kind in {"date", "time", "datetime"} else (None, None)
    if kind == "date" and day:
        return _dates(day, language)
    if kind == "time" and clock:
        return _times(clock, language)
    if kind == "datetime" and day and clock:
        return [_joined(d, t, language, at) for d in _dates(day, language) for t in _times(clock, language) for at in (True, False)]
    if kind == "money" and (cents := _cents_of(value)) is not None:
        return _money(cents, language)
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return [_number(value)]
    return [as_text(value, kind, language)]


def as_text(value: Any, kind: str, language: str) -> str:
    """``value`` as plain words: lists joined, identifiers such as ``in_person`` with spaces."""
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "ko": ("아니요", "네")}[language][value]
    if isinstance(value, list):
        parts = [as_text(item, kind, language) for item in value]
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts) if language == "ko" else ", ".join(parts[:-1]) + " and " + parts[-1]
    if isinstance(value, int | float):
        return _number(value) if kind != "id" else str(value)
    if value is None:
        return {"en": "none", "ko": "없음"}[language]
    text = str(value)
    return text.replace("_", " ") if kind == "text" and _IDENTIFIER.fullmatch(text) else text


def kind_of(value: Any) -> str:
    """The kind in which a value is said when nobody named one: ISO dates and moments are recognised, numbers are numbers, the rest is
    text.
    """
    if isinstance(value, str):
        if ISO_DATE.fullmatch(value) and _day_of(value):
            return "date"
        if ISO_MOMENT.fullmatch(value) and _day_of(value):
            return "datetime"
        return "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "text"


def _day_of(value: Any) -> dt.date | None:
    if not isinstance(value, str) or not ISO_DATE.match(value):
        return None
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None


def _clock_of(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, str):
        return None
    moment = ISO_MOMENT.fullmatch(value)
    clock = CLOCK.fullmatch(moment[2] if moment else value)
    return (int(clock[1]), int(clock[2])) if clock else None


def _cents_of(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return round(value)
    amounts = read(value).amounts if isinstance(value, str) else ()
    return amounts[0][1] if len(amounts) == 1 else None


def _dates(day: dt.date, language: str) -> list[str]:
    if language == "ko":
        year = "" if day.year in _TALKED_OF_YEARS else f"{day.year}년 "
        base, week = f"{year}{day.month}월 {day.day}일", _WEEKDAYS_KO[day.weekday()]
        return [base] if year else [base, f"{base} {week}요일", f"{base}({week})"]
    month, week = _MONTHS[day.month - 1], _WEEKDAYS[day.weekday()]
    ordinal = f"{day.day}{_suffix(day.day)}"
    if day.year not in _TALKED_OF_YEARS:
        return [f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", f"{month} {ordinal}, {day.year}"]
    return [
        f"{month} {day.day}",
        f"{week}, {month} {day.day}",
        f"{day.day} {month}",
        f"{month} {ordinal}",
        f"{week} {day.day} {month}",
        f"{week}, {month} {ordinal}",
        f"the {ordinal} of {month}",
    ]


def _suffix(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _times(clock: tuple[int, int], language: str) -> list[str]:
    hour, minute = clock
    digital = f"{hour:02d}:{minute:02d}"
    if language == "ko":
        return _times_ko(hour, minute)
    half, twelve = "am" if hour < 12 else "pm", hour % 12 or 12
    if minute == 0 and hour in {0, 12}:
        return ["noon" if hour else "midnight", f"12 {half}", digital]
    short = f"{twelve} {half}" if minute == 0 else f"{twelve}:{minute:02d} {half}"
    return [short, digital, short.replace(" ", "")] if minute == 0 else [short, digital]


def _times_ko(hour: int, minute: int) -> list[str]:
    half, twelve = "오전" if hour < 12 else "오후", hour % 12 or 12
    if minute == 0:
        return [f"{'낮' if hour else '밤'} 12시"] if hour in {0, 12} else [f"{half} {twelve}시"]
    words = f"{half} {twelve}시 {minute}분"
    return [words, f"{half} {twelve}시 반", words] if minute == 30 else [words]


def _money(cents: int, language: str) -> list[str]:
    sign, dollars, rest = "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100
    exact = f"{sign}${dollars:,}.{rest:02d}"
    if cents < 0:
        return [exact]
    if language == "ko":
        if not rest:
            return [f"{dollars:,}달러"]
        return [f"{dollars:,}달러 {rest}센트", f"{dollars:,}.{rest:02d}달러"] if dollars else [f"{rest}센트"]
    if not rest:
        return [f"${dollars:,}"] if dollars < 2 else [f"${dollars:,}", f"${dollars:,}", f"{dollars:,} dollars"]
    return [exact] if dollars else [f"{rest} cents" if rest > 1 else "1 cent", exact]


def _number(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        whole = int(value)
        return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)
    return f"{value:.10g}"


def mentions(text: str, value: Any, kind: str = "text") -> bool:
    """Whether ``text`` states ``value`` in any accepted rendering of either language.

    Strict about the value (3 is neither 13 nor 3.5, 5 March not 15 March, O-0001 not O-00012), lenient about case, spacing, ordinals,
    am/pm or 24 hours, a weekday or year beside the date, and dashes in ids. A ``datetime`` needs its date and its time.
    """
    return find_last(text, value, kind) >= 0


def find_last(text: str, value: Any, kind: str = "text") -> int:
    """The position of the last place at which ``text`` states ``value``, or -1. For a list, of the last element; all must be stated."""
    if isinstance(value, list):
        places = [find_last(text, item, kind) for item in value]
        return max(places) if places and min(places) >= 0 else -1
    if kind in {"date", "time", "datetime", "money"}:
        found = _find_read(text, value, kind)
        if found is not None:
            return found
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return _find_number(text, value)
    pattern = (
        _id_pattern(str(value)) if kind == "id" else _text_pattern(value if isinstance(value, str | bool) else as_text(value, kind, "en"))
    )
    return _last(pattern, text)


def _last(pattern: re.Pattern[str] | None, text: str) -> int:
    if pattern is None:
        return -1
    place = -1
    for match in pattern.finditer(plain(text)):
        place = match.start()
    return place


def _find_read(text: str, value: Any, kind: str) -> int | None:
    """As ``find_last`` for what ``recognise.read`` reads; None when the value does not fit its kind."""
    day, clock = _day_of(value), _clock_of(value)
    minute = clock[0] * 60 + clock[1] if clock else -1
    if kind == "money":
        cents = _cents_of(value)
        return None if cents is None else max((at for at, amount in read(text).amounts if amount == cents), default=-1)
    if kind == "time" and clock:
        return max((at for at, said in read(text).times if said == minute), default=-1)
    if kind == "date" and day:
        return max((at for at, said in read(text).days if _same_day(said, day)), default=-1)
    if kind == "datetime" and day and clock:
        return max((at for at, (said, time) in read(text).moments if time == minute and _same_day(said, day)), default=-1)
    return None


def _same_day(said: Day, day: dt.date) -> bool:
    return said[1:] == (day.month, day.day) and said[0] in {None, day.year}


@lru_cache(maxsize=4096)
def _id_pattern(value: str) -> re.Pattern[str] | None:
    """An id as one token: groups of letters and digits may be joined by other dashes or spaces, but nothing may be glued to its ends."""
    line = plain(value).strip()
    if not line:
        return None
    groups = re.findall(r"[a-z]+|[0-9]+|[^a-z0-9\s._-]+", line)
    body = re.escape(line) if "@" in line or not groups else r"[\s._-]?".join(map(re.escape, groups))
    return re.compile(rf"(?<![a-z0-9])(?<![a-z0-9][-_]){body}(?![a-z0-9])(?![-_][a-z0-9])")


@lru_cache(maxsize=4096)
def _text_pattern(value: str | bool) -> re.Pattern[str] | None:
    """Words with their boundaries; spaces, dashes and underscores between them are alike."""
    if isinstance(value, bool):
        return re.compile(r"\b(?:yes|true)\b|네|예" if value else r"\b(?:no|false)\b|아니", re.ASCII)
    groups = re.split(r"[\s_-]+", plain(value).strip())
    body = r"[\s_-]*".join(map(re.escape, groups))
    if not any(groups):
        return None
    return re.compile(rf"(?<![a-z0-9]){body}(?![a-z0-9])" if groups[-1][-1:].isascii() else rf"(?<![a-z0-9]){body}")


_NOT_A_NUMBER = (
    r"(?![\d:/]|[.,]\d|-\d|(?:st|nd|rd|th|am|pm)\b|[a-z]+\d|\s+(?:am|pm|a\.m|p\.m)\b|\s*(?:월|달러|불\b)|\s*시(?!간)|\s+dollars?\b)"
)


@lru_cache(maxsize=4096)
def _number_pattern(value: float) -> re.Pattern[str]:
    whole = isinstance(value, int) or float(value).is_integer()
    forms = {str(int(value)), f"{int(value):,}"} if whole else {f"{value:.10g}", f"{value:,.10g}"}
    body = "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) + (r")(?:\.0+" if whole else ")(?:0*")
    digits = rf"(?<![a-z0-9.,:/$₩_-])(?<!\d\s,)(?:{body})?{_NOT_A_NUMBER}"
    word = _WORDS.get(int(value)) if whole else None
    return re.compile(digits + rf"|\b{word}\b" if word else digits, re.ASCII)


_MONTH_BEFORE = re.compile(rf"(?:{MONTH_NAMES.pattern}\.?\s+(?:the\s+)?|월\s*)$")


def _find_number(text: str, value: float) -> int:
    line, place = plain(text), -1
    for match in _number_pattern(value).finditer(line):
        before, after = line[max(0, match.start() - 15) : match.start()], line[match.end() : match.end() + 15].lstrip()
        if _MONTH_BEFORE.search(before) or MONTH_NAMES.match(after):
            continue
        place = match.start()
    return place
