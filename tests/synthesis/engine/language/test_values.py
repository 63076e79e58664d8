"""Saying values and recognising them."""

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from synthesis.engine.language.values import as_text, find_last, kind_of, mentions, renderings, say, style_for

LANGUAGES = ("en", "ko")
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2029, 12, 31)).map(dt.date.isoformat)
CLOCKS = st.times().map(lambda t: t.strftime("%H:%M"))
MOMENTS = st.tuples(DAYS, CLOCKS).map("T".join)
CENTS = st.integers(0, 5_000_000)
NUMBERS = st.one_of(st.integers(0, 99_999), st.decimals(0, 999, places=1).map(float))
IDS = st.from_regex(r"[A-Z]{1,3}-[0-9]{2,6}|555-[0-9]{4}|[A-Z]{2}[0-9]{4}", fullmatch=True)
VALUES = st.one_of(
    st.tuples(DAYS, st.just("date")),
    st.tuples(CLOCKS, st.just("time")),
    st.tuples(MOMENTS, st.just("datetime")),
    st.tuples(CENTS, st.just("money")),
    st.tuples(NUMBERS, st.just("number")),
    st.tuples(IDS, st.just("id")),
)
AROUND = {"en": "So that's {}, please.", "ko": "그럼 {}에 해 주세요."}


@given(VALUES, st.integers(0, 10_000))
def test_whatever_is_said_is_recognised(pair: tuple[Any, str], seed: int) -> None:
    value, kind = pair
    for language in LANGUAGES:
        assert say(value, kind, language, style_for(random.Random(seed))) in renderings(value, kind, language)
        for said in renderings(value, kind, language):
            assert mentions(AROUND[language].format(said), value, kind), said


@given(VALUES, st.data())
def test_another_value_is_not_recognised(pair: tuple[Any, str], data: st.DataObject) -> None:
    value, kind = pair
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "date": DAYS,
        "time": CLOCKS,
        "datetime": MOMENTS,
        "money": CENTS,
        "number": NUMBERS,
        "id": IDS,
    }
    other = data.draw(strategies[kind])
    assume(other != value and not (kind in {"date", "datetime"} and other[5:] == value[5:]))
    for language in LANGUAGES:
        for said in renderings(other, kind, language):
            assert not mentions(AROUND[language].format(said), value, kind), (said, value)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("Row 13 or 30, 3.5 litres, at 3:30 or 3 pm on March 3", 3, "number"),
        ("3월 3일 오후 3시", 3, "number"),
        ("It's $14.50 in all.", 450, "money"),
        ("the 15th of March", "2026-03-05", "date"),
        ("back on March 5, 2025", "2026-03-05", "date"),
        ("order O-00012", "O-0001", "id"),
        ("order XO-0001", "O-0001", "id"),
        ("call 555-01234", "555-0123", "id"),
        ("on 5 March at 3 pm, or 6 March at 2 pm", "2026-03-05T14:00", "datetime"),
        ("on 5 March", "2026-03-05T14:00", "datetime"),
        ("at half past never", "14:30", "time"),
        ("a catalogue", "cat", "text"),
    ],
)
def test_near_misses_are_kept_apart(text: str, value: Any, kind: str) -> None:
    assert not mentions(text, value, kind)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("THURSDAY THE 5TH OF MARCH", "2026-03-05", "date"),
        ("2026/03/05 or 03/05/2026", "2026-03-05", "date"),
        ("3월5일", "2026-03-05", "date"),
        ("2 p.m. on Thursday, 5 March", "2026-03-05T14:00", "datetime"),
        ("5 March, then. 14:00 suits me", "2026-03-05T14:00", "datetime"),
        ("3월 5일(목) 낮 2시", "2026-03-05T14:00", "datetime"),
        ("저녁 7시 반쯤이요", "19:30", "time"),
        ("at noon", "12:00", "time"),
        ("자정에요", "00:00", "time"),
        ("my number is 555 0123.", "555-0123", "id"),
        ("5550123입니다", "555-0123", "id"),
        ("o0001", "O-0001", "id"),
        ("12 dollars and 50 cents", 1250, "money"),
        ("12달러 50센트", 1250, "money"),
        ("3만 달러", 3_000_000, "money"),
        ("that's 1,250.00", 125_000, "money"),
        ("for three days", 3, "number"),
        ("3일 동안, 3개", 3, "number"),
        ("10,500 points", 10_500, "number"),
        ("a Check Up, please", "check-up", "text"),
        ("in person", "in_person", "text"),
        ("the Gold and the Silver one", ["Gold", "Silver"], "text"),
        ("분실이요", "분실", "text"),
    ],
)
def test_other_ways_of_putting_it_are_recognised(text: str, value: Any, kind: str) -> None:
    assert mentions(text, value, kind)


def test_the_last_mention_counts() -> None:
    text = "not 555-0001, it is 555-0002"
    assert find_last(text, "555-0002", "id") > find_last(text, "555-0001", "id") >= 0
    assert find_last(text, "555-0003", "id") == -1
    assert find_last("Gold only", ["Gold", "Silver"]) == -1


def test_what_does_not_fit_its_kind_is_said_as_text() -> None:
    style = style_for(random.Random(1))
    assert say("31 Nevermber", "date", "en", style) == "31 Nevermber"
    assert mentions("on 31 nevermber", "31 Nevermber", "date")
    assert say("$12.50", "money", "ko", style) == "12달러 50센트" or say("$12.50", "money", "ko", style) == "12.50달러"


def test_a_person_keeps_to_a_style() -> None:
    style = style_for(random.Random(4))
    assert {say("2026-03-05", "date", "en", style) for _ in range(5)} == {say("2026-03-05", "date", "en", style)}
    styles = {say("2026-03-05", "date", "en", style_for(random.Random(i))) for i in range(60)}
    assert len(styles) >= 5


def test_plain_words() -> None:
    assert as_text(["a", "b", "c"], "text", "en") == "a, b and c"
    assert as_text(True, "text", "ko") == "네"
    assert as_text(None, "text", "en") == "none"
    assert [kind_of(v) for v in ("2026-03-05", "2026-03-05T14:00", 3, "x", True)] == ["date", "datetime", "number", "text", "text"]
