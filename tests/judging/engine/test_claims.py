"""Claims of a text, and what bears them out."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.engine.claims import Known, claims_of
from synthesis.engine.language.values import renderings, say, style_for


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Your visit A-00012 is on March 9 at 10:30 am.", ["id a00012", "date 03-09", "time 10:30"]),
        ("그 예약은 3월 9일 오후 2시 30분입니다.", ["date 03-09", "time 14:30"]),
        ("That comes to $45.50.", ["amount 45.50"]),
        ("비용은 45달러 50센트입니다.", ["amount 45.50"]),
        ("Call 555-0123 for order #48213.", ["id 5550123", "number 48213"]),
        ("There are 12 of them, within 24 hours.", []),
        ("Nothing to see here.", []),
    ],
)
def test_unsupported_claims_are_named(text: str, claims: list[str]) -> None:
    assert Known().lacks(claims_of(text)) == claims


def test_results_prompts_and_words_bear_claims_out() -> None:
    known = Known()
    known.read(
        [
            {"visit_id": "A-00012", "starts_at": "2026-03-09T14:30", "fee": 4550},
            {"visit_id": "A-00013", "starts_at": "2026-03-10T09:00", "fee": 1000},
        ]
    )
    known.hear("My number is 555-0123.")
    said = "Visit A-00012 on 9 March at 2:30 pm costs $45.50; both visits come to $55.50. I have 5550123 as your number, for 2026."
    assert known.lacks(claims_of(said)) == []
    assert known.lacks(claims_of("Visit A-00014 on 19 March at 2:31 pm costs $45.51")) == [
        "id a00014",
        "date 03-19",
        "time 14:31",
        "amount 45.51",
    ]


def test_who_joins_learns_all_and_teaches_nothing() -> None:
    prompt, known = Known(), Known()
    prompt.read({"fee": 250, "order": "48213"})
    known.join(prompt)
    known.hear("Order 99120")
    assert not known.lacks(claims_of("Order 48213"))
    assert prompt.lacks(claims_of("Order 99120"))


_VALUES = st.one_of(
    st.tuples(st.just("money"), st.integers(1, 10_000_000)),
    st.tuples(st.just("date"), st.dates().map(str)),
    st.tuples(st.just("datetime"), st.tuples(st.dates(), st.times()).map(lambda p: f"{p[0]}T{p[1]:%H:%M}")),
    st.tuples(st.just("time"), st.times().map(lambda t: f"{t:%H:%M}")),
    st.tuples(st.just("number"), st.integers(0, 10_000_000)),
    st.tuples(st.just("id"), st.from_regex(r"[A-Z]{1,3}-[0-9]{3,6}", fullmatch=True)),
)


@given(_VALUES, st.sampled_from(["en", "ko"]), st.integers(0, 2**32))
def test_whatever_a_result_holds_may_be_said_in_any_way(value: tuple[str, object], language: str, seed: int) -> None:
    kind, raw = value
    text = say(raw, kind, language, style_for(random.Random(seed)))
    known = Known()
    known.read({"x": raw})
    assert known.lacks(claims_of(f"It is {text}.")) == []


@given(st.integers(100, 10_000_000), st.integers(100, 10_000_000), st.sampled_from(["en", "ko"]))
def test_another_amount_is_not_borne_out(told: int, held: int, language: str) -> None:
    known = Known()
    known.read({"fee": held})
    same = told == held * 100 or told * 100 == held or told in [held * times for times in range(1, 13)]
    assert all(bool(known.lacks(claims_of(text))) != same for text in renderings(told, "money", language))


def test_amounts_that_simple_sums_give_need_no_other_source() -> None:
    known = Known()
    known.read([{"amount": 1000, "fee": 50}, {"amount": 2500, "fee": 75}, {"amount": 4100, "fee": 0}])
    for said in ("$10", "$35.00", "$66", "$76", "$26.25", "$30.00", "10.50 dollars"):
        assert known.lacks(claims_of(f"That is {said}.")) == [], said
    for said in ("$36.10", "$99", "$10.51"):
        assert known.lacks(claims_of(f"That is {said}.")), said
    many = Known()
    many.read([{"amount": 100 + 7 * i} for i in range(12)])
    assert many.lacks(claims_of("$2.07")) == []
    assert many.lacks(claims_of("$16.62")) == []
    assert many.lacks(claims_of("$99.99"))
