"""What every page's frame shows: navigation, person, theme. A context processor, so that views need not think of it."""

from typing import Any

from django.http import HttpRequest

from studio.access.permissions import role_of
from studio.web.areas import navigation, user_of

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"


def theme_of(request: HttpRequest) -> str:
    """The theme this browser asked for; ``auto`` follows the system."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def frame(request: HttpRequest) -> dict[str, Any]:
    """``nav`` (areas), ``role`` (of the person, None for nobody), ``theme``, ``other_theme`` (what the toggle switches to)."""
    theme = theme_of(request)
    return {
        "nav": navigation(request),
        "role": role_of(user_of(request)),
        "theme": theme,
        "other_theme": "light" if theme == "dark" else "dark",
    }
