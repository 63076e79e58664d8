"""Lists by key."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from studio.web.paging import Key, cursor_of, page_of, read_cursor


def asked(cursor: str) -> HttpRequest:
    return RequestFactory().get("/", {"after": cursor})


def test_a_page_leads_to_the_next() -> None:
    page = page_of([5, 4, 3], 2, lambda row: (row,))
    assert (page.items, page.first) == ([5, 4], True)
    assert read_cursor(asked(page.next), int) == (4,)
    assert page_of([5, 4], 2, lambda row: (row,)).next == ""
    assert page_of([], 2, lambda row: (row,)).next == ""


@given(st.tuples(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), st.integers(-(2**62), 2**62)))
def test_keys_survive_the_url(key: Key) -> None:
    assert read_cursor(asked(cursor_of(key)), str, int) == key


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "한",
        cursor_of(("text",)),
        cursor_of((1, 2)),
        cursor_of((1.5,)),
        cursor_of((2**64,)),
        cursor_of((True,)),
        "W10",
        "e30",
        "MQ",
    ],
)
def test_what_somebody_made_up_is_the_first_page(cursor: str) -> None:
    assert read_cursor(asked(cursor), int) is None


def test_nul_never_reaches_the_database() -> None:
    assert read_cursor(asked(cursor_of(("a\x00b",))), str) is None


@given(st.text(max_size=60))
def test_any_text_is_survived(cursor: str) -> None:
    read_cursor(asked(cursor), int, str)
