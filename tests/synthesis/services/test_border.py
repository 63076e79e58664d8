"""What crosses the border to the database is clean JSON."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.services.border import MAX_BYTES, MAX_DEPTH, clean_json, clean_text, encode_payload


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("한국어 \U0001f600", "한국어 \U0001f600"),
        ("plain", "plain"),
    ],
)
def test_texts_lose_only_what_databases_refuse(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


def test_every_change_is_counted() -> None:
    value, changes = clean_json({"a\x00": [math.nan, math.inf, 1.5, "x\x00"], "b": 2**63, "c": -(2**63), "d": (1, None, True)})
    assert value == {"a\ufffd": [None, None, 1.5, "x\ufffd"], "b": str(2**63), "c": -(2**63), "d": [1, None, True]}
    assert changes == 5


def test_depth_ends_at_the_limit() -> None:
    nested: Any = "bottom"
    for _ in range(MAX_DEPTH + 10):
        nested = [nested]
    value, changes = clean_json(nested)
    depth = 0
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    assert (value, depth, changes) == (None, MAX_DEPTH, 1)


def test_a_clean_payload_is_stored_as_it_is_with_its_order() -> None:
    assert encode_payload({"z": 1, "a": [1.0, 1e300]}) == '{"z":1,"a":[1.0,1e300]}'


def test_changes_are_told_in_the_payload() -> None:
    assert msgspec.json.decode(encode_payload({"text": "a\x00"})) == {"text": "a\ufffd", "cleaned": 1}


def test_a_huge_payload_names_what_was_cut() -> None:
    stored = encode_payload({"call_id": "c", "result": "x" * (MAX_BYTES + 1), "digest": "d"})
    assert len(stored) < MAX_BYTES
    assert msgspec.json.decode(stored) == {"call_id": "c", "digest": "d", "cut": ["result"]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(codec=None)), children),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values))
def test_any_value_can_be_stored_and_is_clean_afterwards(payload: dict[str, Any]) -> None:
    stored = msgspec.json.decode(encode_payload(payload))
    stored.pop("cleaned", None)
    assert clean_json(stored).changes == 0
