"""The kinds of views: a list in pages, one thing, a change of state. A resource names what differs; all doors behave alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from studio.access.table import Action
from studio.api.pages import Key, PageQuery, key_of, page
from studio.api.problems import Conflict

Serializer = type[serializers.BaseSerializer[Any]]


class NoBody(serializers.Serializer[Any]):
    """A request without a body."""


class Resource(APIView):
    """A URL of the interface.

    ``actions`` names for each method what its caller must be allowed to do; ``says`` what the method does (the first sentence is its
    summary in OpenAPI); ``takes``, ``query`` and ``gives`` its body, query string and answer; ``status`` the status of success;
    ``problems`` the statuses it may answer beside those that every view may.
    """

    http_method_names = ["get", "head", "post"]
    actions: ClassVar[dict[str, Action]] = {}
    says: ClassVar[dict[str, str]] = {}
    takes: ClassVar[dict[str, Serializer]] = {}
    query: ClassVar[dict[str, type[PageQuery]]] = {}
    gives: ClassVar[dict[str, Serializer | None]] = {}
    pages: ClassVar[bool] = False
    tagged: ClassVar[bool] = False
    keyed: ClassVar[bool] = False
    status: ClassVar[dict[str, int]] = {}
    problems: ClassVar[dict[str, tuple[int, ...]]] = {}

    @property
    def caller(self) -> User:
        """Who asks. Only behind the permission."""
        return cast("User", self.request.user)

    def told(self, serializer: Serializer, thing: Any) -> Any:
        """A thing as data."""
        return serializer(thing, context={"request": self.request}).data

    def asked(self, request: Request) -> Mapping[str, Any]:
        """The body, checked. Raises ValidationError."""
        reader = self.takes[str(request.method)](data=request.data)
        reader.is_valid(raise_exception=True)
        return cast("Mapping[str, Any]", reader.validated_data)


class Listing(Resource):
    """A list in pages. ``rows`` is a selector that takes ``after``, ``limit`` and the filters of ``query``; ``key`` its order."""

    rows: ClassVar[Callable[..., Sequence[Any]]]
    key: ClassVar[str] = "pk"
    kind: ClassVar[type[Key]] = int
    pages = True

    def given(self, **places: Any) -> dict[str, Any]:
        """What the URL's own parts mean to the selector."""
        return places

    def get(self, request: Request, **places: Any) -> Response:
        """A page."""
        reader = self.query["GET"](data=request.query_params.dict())
        reader.is_valid(raise_exception=True)
        filters = dict(reader.validated_data)
        limit, after = filters.pop("limit"), key_of(filters.pop("cursor", None), self.kind)
        # A filter of its own may say where to begin, which the cursor then overrides.
        start = {"after": after} if after is not None else {}
        rows = type(self).rows(limit=limit + 1, **(filters | start | self.given(**places)))
        serializer = self.gives["GET"]
        assert serializer is not None
        return Response(page(request, rows, limit, self.key, serializer))


@method_decorator(conditional_page, name="dispatch")
class Single(Resource):
    """One thing, with an ETag; ``row`` is a selector that gives it or None."""

    row: ClassVar[Callable[..., Any]]
    tagged = True

    def get(self, request: Request, **places: Any) -> Response:
        """The thing."""
        serializer = self.gives["GET"]
        assert serializer is not None
        return Response(self.told(serializer, found(type(self).row(*places.values()))))


class Moving(Resource):
    """A POST that moves one thing and answers with it as it stands then.

    ``row`` is a selector that gives it or None; ``refusals`` are what ``move`` may raise where the thing's state does not allow it (409).
    """

    row: ClassVar[Callable[..., Any]]
    refusals: ClassVar[tuple[type[Exception], ...]]
    problems = {"POST": (409,)}

    def move(self, thing: Any, asked: Mapping[str, Any]) -> None:
        """Move it; ``asked`` is the body, empty where ``takes`` names none. Raises one of ``refusals``."""
        raise NotImplementedError

    def post(self, request: Request, **places: Any) -> Response:
        """Move it."""
        row, serializer = type(self).row, self.gives["POST"]
        assert serializer is not None
        thing = found(row(*places.values()))
        asked = self.asked(request) if "POST" in self.takes else {}
        try:
            self.move(thing, asked)
        except self.refusals as refused:
            raise Conflict(str(refused)) from None
        return Response(self.told(serializer, found(row(*places.values()))))


def found(thing: Any) -> Any:
    """``thing``; raises Http404 when there is none."""
    if thing is None:
        raise Http404
    return thing
