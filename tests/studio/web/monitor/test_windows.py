"""The steps of a window are written as the reader's language writes days."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from studio.web.monitor.windows import WINDOWS, steps_of


@pytest.mark.parametrize(
    ("language", "window", "label"), [("en", 3, "28 Nov"), ("ko", 3, "11월 28일"), ("ko", 1, "11월 28일 07:00"), ("ko", 0, "07:30")]
)
def test_steps_are_written_in_the_readers_language(language: str, window: int, label: str) -> None:
    with translation.override(language):
        assert steps_of(WINDOWS[window], datetime(2026, 11, 28, 7, 30, tzinfo=UTC)).labels()[-1] == label
