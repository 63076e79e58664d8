"""The stretches of time that the monitor looks at, and their steps."""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Window(NamedTuple):
    """A stretch of time: its name in URLs and in words, how long it is, how long a step is (seconds), how a step is written (as
    Django's ``date`` filter wants it).
    """

    name: str
    label: str | Promise
    seconds: int
    step: int
    step_label: str | Promise
    form: str | Promise


WINDOWS = (
    Window("hour", _("Last hour"), 3600, 60, _("a minute"), "H:i"),
    Window("day", _("Last 24 hours"), 86_400, 3600, _("an hour"), _("j M H:i")),
    Window("week", _("Last 7 days"), 7 * 86_400, 6 * 3600, _("six hours"), _("j M H:i")),
    Window("month", _("Last 30 days"), 30 * 86_400, 86_400, _("a day"), _("j M")),
)


class Steps(NamedTuple):
    """The steps of a window up to now: the first moment of the first one, and their numbers since 1970."""

    window: Window
    since: datetime
    numbers: range

    def labels(self) -> list[str]:
        """When each begins, in UTC."""
        return [dateformat.format(self._begin(number), str(self.window.form)) for number in self.numbers]

    def urls(self, **more: str) -> list[str]:
        """The list of episodes that ended within each."""
        base = reverse("monitor:episodes")
        return [
            f"{base}?{urlencode({**more, 'from': int(self._begin(n).timestamp()), 'to': int(self._begin(n + 1).timestamp())})}"
            for n in self.numbers
        ]

    def _begin(self, number: int) -> datetime:
        return datetime.fromtimestamp(number * self.window.step, UTC)


def window_of(request: HttpRequest) -> Window:
    """The window that ``?window=`` names; a day when it names none."""
    wanted = request.GET.get("window", "day")
    return next((window for window in WINDOWS if window.name == wanted), WINDOWS[1])


def steps_of(window: Window, now: datetime) -> Steps:
    """The steps of ``window``; the last one is under way."""
    last = int(now.timestamp()) // window.step
    numbers = range(last - window.seconds // window.step + 1, last + 1)
    return Steps(window, datetime.fromtimestamp(numbers[0] * window.step, UTC), numbers)
