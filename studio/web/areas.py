"""The areas of the studio, in the order of the navigation. Each is a package ``studio/web/<name>`` whose first page is ``<name>:index``."""

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.access.permissions import Person, can
from studio.access.table import Action


class Area(NamedTuple):
    """A part of the studio: its package, URL namespace and icon; its name; the action without which it is not shown.

    ``holds`` are further packages (URL namespaces) whose pages stand under it in the navigation; ``instead`` is the page of those that
    whoever may not enter the area itself is led to.
    """

    name: str
    label: str | Promise
    action: Action
    holds: tuple[str, ...] = ()
    instead: "Tab | None" = None


class Entry(NamedTuple):
    """A link of a navigation: of the areas, or the tabs of one area or thing, where ``number`` tells how much is behind it."""

    name: str
    label: str | Promise
    url: str
    current: bool
    number: int | None = None


class Tab(NamedTuple):
    """A tab of an area: the URL name of its page, its name, the action without which it is not shown."""

    page: str
    label: str | Promise
    action: Action


AREAS = (
    Area("home", _("Home"), "home.view"),
    Area("catalogue", _("Catalogue"), "catalogue.view", holds=("authoring", "console", "scenarios", "cast", "evolution")),
    Area("runs", _("Runs"), "runs.view", holds=("repairs", "rejudging")),
    Area("review", _("Review"), "review.view", holds=("judges", "rubrics"), instead=Tab("judges:index", _("Judges"), "judgements.view")),
    Area("datasets", _("Datasets"), "datasets.view"),
    Area("models", _("Models"), "models.view"),
    Area("monitor", _("Monitor"), "monitor.view"),
    Area("settings", _("Settings"), "profile.edit"),
)


def navigation(request: HttpRequest) -> list[Entry]:
    """The areas that the signed-in person may see."""
    here, user = namespace(request), user_of(request)
    ways = [(area, Tab(f"{area.name}:index", area.label, area.action)) for area in AREAS]
    ways = [(area, way if can(user, way.action) or not area.instead else area.instead) for area, way in ways]
    return [Entry(area.name, way.label, reverse(way.page), here in {area.name, *area.holds}) for area, way in ways if can(user, way.action)]


def tabs(request: HttpRequest, pages: tuple[Tab, ...], *arguments: object) -> list[Entry]:
    """The tabs of an area, or of the thing that ``arguments`` of the URLs name, that the signed-in person may see.

    A page is under a tab when its URL begins with the tab's.
    """
    user = user_of(request)
    shown = [(tab, reverse(tab.page, args=arguments)) for tab in pages if can(user, tab.action)]
    fitting = [url for _tab, url in shown if request.path.startswith(url)]
    here = max(fitting, key=len, default=None)
    return [Entry(tab.page, tab.label, url, url == here) for tab, url in shown]


def user_of(request: HttpRequest) -> Person:
    """Whoever asks; nobody on pages that failed before it was known."""
    return getattr(request, "user", None) or AnonymousUser()


def namespace(request: HttpRequest) -> str:
    """The area of the page, "" when there is none."""
    match = request.resolver_match
    return match.namespaces[0] if match and match.namespaces else ""
