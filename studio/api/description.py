"""How the classes of the interface become OpenAPI: everything is read off their attributes, so that it cannot say something else."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from studio.api.once import HEADER, LONGEST
from studio.api.problems import MEANINGS, Problem
from studio.api.rendering import PROBLEM


class Description(AutoSchema):
    """The description of one method of a ``Resource``."""

    view: Any

    def get_operation_id(self) -> str:
        """``runs_list``, ``runs_start``: the URL's name."""
        name = getattr(self.view, "named", "") or _words(type(self.view).__name__)
        return f"{name}_{self.method.lower()}"

    def get_tags(self) -> list[str]:
        """The resource: the first part of the path."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_summary(self) -> str:
        """The first sentence."""
        return self._says().split(".")[0]

    def get_description(self) -> str:  # type: ignore[override]
        """All of it, with who may."""
        return f"{self._says()}\n\nAction: `{self.view.actions[self.method]}`."

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        for told in schema.get("properties", {}).values():
            _mend(told)
        return schema

    def _says(self) -> str:
        return str(self.view.says[self.method])

    def get_request_serializer(self) -> Any:
        """The body, if any."""
        return self.view.takes.get(self.method)

    def get_override_parameters(self) -> list[Any]:
        """The query string and the headers."""
        parameters: list[Any] = [self.view.query[self.method]] if self.method in self.view.query else []
        if self.method == "POST" and self.view.keyed:
            about = "Sent again with the same key and body, the request gets the same answer and starts nothing. Kept for a day."
            text = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"}
            parameters.append(OpenApiParameter(HEADER, text, OpenApiParameter.HEADER, description=about))
        if self.method == "GET" and self.view.tagged:
            parameters.append(OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="An ETag that is known."))
        return parameters

    def get_response_serializers(self) -> Any:
        """Success and every problem."""
        status = self.view.status.get(self.method, 200)
        answers: dict[Any, Any] = {(status, "application/json"): self._success()}
        if getattr(self.view, "file", False):
            answers = {(200, "application/jsonl"): OpenApiTypes.BINARY}
        if self.method == "GET" and self.view.tagged:
            answers[304] = OpenApiResponse(description=MEANINGS[304])
        usual = [401, 403, 404, 406, 500, 503]
        if self.method in self.view.query or self.method in self.view.takes:
            usual.append(400)
        if self.method in self.view.takes:
            usual += [413, 415]
        for code in sorted({*usual, *self.view.problems.get(self.method, ())}):
            answers[(code, PROBLEM)] = OpenApiResponse(Problem, description=MEANINGS[code])
        return answers

    def _success(self) -> Any:
        gives = self.view.gives.get(self.method)
        if gives is None or not self.view.pages or self.method != "GET":
            return gives
        after = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")
        return inline_serializer(f"{_component(gives)}Page", {"items": gives(many=True), "next": after})


def _component(serializer: Any) -> str:
    return str(serializer.__name__).removesuffix("Serializer")


def _mend(told: dict[str, Any]) -> None:
    """A bound that is a Decimal would be written as text, and null fits any JSON already: said once more, it fits two of ``oneOf``."""
    for bound in ("minimum", "maximum"):
        if isinstance(told.get(bound), Decimal):
            told[bound] = float(told[bound])
    if told.get("oneOf") == [{}, {"type": "null"}]:
        del told["oneOf"]


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
