"""Filling wordings: holes, particles, articles, capitals."""

from typing import Any

import pytest

from synthesis.engine.language.fill import fill
from synthesis.engine.language.grammar import join_list
from synthesis.engine.language.values import Style
from synthesis.engine.packs.holes import MissingValue


def filled(template: str, language: str = "en", kinds: dict[str, str] | None = None, **scope: Any) -> str:
    return fill(template, scope, kinds or {}, language, Style())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("서울", "서울을 서울로 서울이에요 서울과"),
        ("부산", "부산을 부산으로 부산이에요 부산과"),
        ("대구", "대구를 대구로 대구예요 대구와"),
        ("O-0003", "O-0003을 O-0003으로 O-0003이에요 O-0003과"),
        ("O-0007", "O-0007을 O-0007로 O-0007이에요 O-0007과"),
        ("O-0002", "O-0002를 O-0002로 O-0002예요 O-0002와"),
        ("$12.50", "$12.50를 $12.50로 $12.50예요 $12.50와"),
        ("14:00", "14:00를 14:00로 14:00예요 14:00와"),
        ("LG", "LG를 LG로 LG예요 LG와"),
        ("SSL", "SSL을 SSL로 SSL이에요 SSL과"),
        ("Tom", "Tom을 Tom으로 Tom이에요 Tom과"),
        ("Apple", "Apple을 Apple로 Apple이에요 Apple과"),
        ("Gold Plus", "Gold Plus를 Gold Plus로 Gold Plus예요 Gold Plus와"),
    ],
)
def test_particles_follow_the_sound(value: str, expected: str) -> None:
    assert filled("{v}(을/를) {v}(으로/로) {v}(이에요/예요) {v}(와/과)", "ko", v=value) == expected


def test_particles_skip_brackets_and_quotes() -> None:
    assert filled("{d}(이/가) 좋아요", "ko", d="사과(빨강)") == "사과(빨강)가 좋아요"
    assert filled('"{d}"(이라/라)고 해요', "ko", d="봄") == '"봄"이라고 해요'


@pytest.mark.parametrize(
    ("word", "article"),
    [("umbrella", "an"), ("unicorn", "a"), ("hour", "an"), ("8-seater", "an"), ("dog", "a"), ("SMS", "an"), ("European", "a")],
)
def test_articles(word: str, article: str) -> None:
    assert filled("I need a(n) {w}.", w=word) == f"I need {article} {word}."


def test_kinds_come_from_the_hole_the_fact_or_the_value() -> None:
    assert (
        filled("on {at}", at="2026-03-05T14:00") == "on March 5, 2 pm" or filled("on {at}", at="2026-03-05T14:00") == "on March 5 at 2 pm"
    )
    assert filled("at {at:time}", at="2026-03-05T14:00") == "at 2 pm"
    assert filled("{total:money} or {fee}", kinds={"fee": "money"}, total=1250, fee=500) == "$12.50 or $5"
    assert filled("by {method}", method="bank_transfer") == "by bank transfer"


def test_a_value_that_begins_a_sentence_has_a_capital() -> None:
    assert filled("{reason}. {reason}? No: {reason}.", reason="lost_card") == "Lost card. Lost card? No: lost card."
    assert filled("{mail} is mine.", kinds={"mail": "id"}, mail="ann@example.com") == "ann@example.com is mine."


def test_facts_come_before_records_of_the_same_name() -> None:
    scope = {"merchant": {"name": "Volt", "city": "Bonn"}}
    assert fill("{merchant} in {merchant.city}", scope, {}, "en", Style(), exact={"merchant": "Volt Ltd."}) == "Volt Ltd. in Bonn"


def test_doubled_stops_and_braces() -> None:
    assert filled("It's from {shop}.", shop="Kim Ltd.") == "It's from Kim Ltd."
    assert filled("{{{a}}}", a=1) == "{1}"


def test_typing_touches_only_the_words_between() -> None:
    assert fill("my id is {i} ok", {"i": "ab-12"}, {"i": "id"}, "en", Style(), str.upper) == "MY ID IS ab-12 OK"


def test_an_unbound_hole_is_an_error() -> None:
    with pytest.raises(MissingValue):
        filled("{nothing.here}")


def test_lists() -> None:
    assert join_list(["a", "b", "c"], "en") == "a, b and c"
    assert join_list(["a", "b"], "en", "or") == "a or b"
    assert join_list(["전화번호", "이름"], "ko") == "전화번호(와/과) 이름"
    assert join_list(["분실인지", "이름"], "ko") == "분실인지, 이름"
