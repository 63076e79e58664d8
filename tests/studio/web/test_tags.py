"""Template tags and filters."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from studio.web.tags import at, get, icon, may, moment, percent, thousands, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 한글 é 😀", "plain 한글 é 😀"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("<b>", "&lt;b&gt;"),
        ("a\u202eb", 'a<span class="unseen" title="U+202E">U+202E</span>b'),
        ("\u200b", '<span class="unseen" title="U+200B">U+200B</span>'),
        ("\x1b[31m", '<span class="unseen" title="U+001B">U+001B</span>[31m'),
        ("\ud800", '<span class="unseen" title="U+D800">U+D800</span>'),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(alphabet=st.sampled_from("<>&\"'a\u202e\u200d\x00\x1b=/ ")))
def test_no_markup_of_strangers_gets_through(text: str) -> None:
    html = visible(text)
    assert isinstance(html, SafeString)
    bare = html.replace('<span class="unseen" title="', "").replace("</span>", "").replace('">', "")
    assert not set("<>\"'") & set(bare)


def test_markup_of_our_own_is_not_trusted_either() -> None:
    assert visible(SafeString("<b>")) == "&lt;b&gt;"


def test_moments_are_in_utc_and_readable_by_machines() -> None:
    html = moment(datetime(2026, 7, 4, 1, 30, tzinfo=timezone(timedelta(hours=9))))
    assert 'datetime="2026-07-03T16:30:00+00:00"' in html
    assert ">2026-07-03 16:30<" in html
    assert moment(None) == ""
    assert moment(datetime(2026, 1, 1, tzinfo=UTC))


def test_numbers() -> None:
    assert thousands(1234567) == "1,234,567"
    assert thousands(None) == percent(None) == ""
    assert percent(0.125, 1) == "12.5 %"
    assert percent(1) == "100 %"


def test_icons() -> None:
    assert 'aria-hidden="true"' in icon("runs")
    assert 'aria-label="&lt;b&gt;"' in icon("runs", "<b>")
    assert "icons.svg#runs" in icon("runs")


def test_lookups() -> None:
    assert at([1, 2], 1) == 2
    assert at([1, 2], 2) is None
    assert get({"a": 1}, "a") == 1
    assert get({}, "a") is None


def test_nobody_is_offered_anything() -> None:
    assert not may(AnonymousUser(), "runs.start")
