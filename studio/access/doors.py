"""What doors of HTML pages say at the top of a view: who may come in.

``@allow("runs.start")`` sends people who are not signed in to the sign-in page and answers 404 to whoever may not, as if there were
nothing. ``require(request, "tokens.own", token)`` does the same for one object. ``@public`` marks a page for everybody. A test finds views
with neither.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url

from studio.access.permissions import can
from studio.access.table import TABLE, Action

T = TypeVar("T")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[..., R]

SIGN_IN = "access:sign_in"


def allow(action: Action) -> Callable[[View[R]], View[HttpResponseBase]]:
    """A view for those whose role may do ``action``."""
    assert action in TABLE, f"{action!r} is not in the table of actions"

    def decorate(view: View[R]) -> View[HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not can(request.user, action):
                raise Http404
            return view(request, *args, **kwargs)

        cast("Any", guarded).action = action
        return guarded

    return decorate


def public(view: View[R]) -> View[R]:
    """A view for everybody."""
    cast("Any", view).action = None
    return view


def require(request: HttpRequest, action: Action, obj: Any = None) -> None:
    """Raise Http404 unless the signed-in person may do ``action`` to ``obj``."""
    if not can(request.user, action, obj):
        raise Http404


def found(thing: T | None) -> T:
    """``thing``, or Http404 when there is none."""
    if thing is None:
        raise Http404
    return thing


def person(request: HttpRequest) -> User:
    """The signed-in user. Only behind ``allow``."""
    user = request.user
    assert isinstance(user, User)
    return user


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back. A fragment sends the whole page there, and back to the page that asked for the fragment."""
    fragment = request.headers.get("HX-Request") == "true"
    back = request.headers.get("HX-Current-URL", "") if fragment else request.get_full_path()
    if fragment:
        # Only the path: what the header says about the host proves nothing.
        back = "/" + back.split("://", 1)[-1].partition("/")[2]
    target = resolve_url(SIGN_IN) + ("" if request.method != "GET" and not fragment else "?" + urlencode({"next": back}))
    if fragment:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
