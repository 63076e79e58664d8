"""The description of the interface as OpenAPI 3.1 and as a page. The usual viewers need inline styles, which our CSP refuses."""

from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from studio.access.doors import allow
from studio.api.resource import Resource


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document. The same for everybody: the interface's own texts are English."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


class OpenApi(Resource):
    """``/api/schema/``: the OpenAPI document."""

    schema = None
    actions = {"GET": "home.view"}

    def get(self, request: Request) -> Response:
        """The document."""
        return Response(openapi())


class Field(NamedTuple):
    """A parameter, or a field of a body: ``where`` is query, path, header or body."""

    name: str
    where: str
    kind: str
    required: bool
    about: str


class Operation(NamedTuple):
    """A method of an address."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    takes: list[Field]
    status: str
    gives: list[Field]
    problems: list[tuple[str, str]]


@allow("home.view")
def docs(request: HttpRequest) -> HttpResponse:
    """``/api/docs/``: every address, what it takes and what it gives."""
    base = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/docs.html", {"groups": groups(openapi()), "base": base})


def groups(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """Operations by tag, in the order of the addresses."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(_operation(document, path, method, told))
    return found


def _operation(document: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> Operation:
    takes = [
        Field(one["name"], one["in"], _kind(document, one["schema"]), one.get("required", False), one.get("description", ""))
        for one in told.get("parameters", [])
    ]
    takes += _fields(document, _content(told.get("requestBody")), "body")
    good, answer = min(told["responses"].items())
    problems = [(code, one["description"]) for code, one in sorted(told["responses"].items()) if code != good]
    about = told["description"].split("\n\n")[0].partition(".")[2].strip()
    gives = _fields(document, _content(answer), "answer")
    return Operation(told["operationId"], method.upper(), path, told["summary"], about, takes, good, gives, problems)


def _content(told: dict[str, Any] | None) -> dict[str, Any]:
    content: dict[str, Any] = (told or {}).get("content", {})
    first: dict[str, Any] = next(iter(content.values()), {})
    schema: dict[str, Any] = first.get("schema", {})
    return schema


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _fields(document: dict[str, Any], schema: dict[str, Any], where: str) -> list[Field]:
    whole = _resolved(document, schema)
    needed = whole.get("required", [])
    return [
        Field(name, where, _kind(document, one), name in needed, one.get("description", ""))
        for name, one in whole.get("properties", {}).items()
    ]


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """A schema in a few words: ``integer 1 to 5``, ``list of string``, ``read, write``."""
    schema = schema | _resolved(document, schema)
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"] if value is not None)
    given = schema.get("type", "any")
    kind = "any JSON" if given == "any" else " or ".join(given if isinstance(given, list) else [given])
    if kind == "array":
        return f"list of {_kind(document, schema['items'])}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and abs(high) < 2**31:
        return f"{kind} {low:,} to {high:,}"
    return kind
