"""Prompts: the text in use, publishing another, going back to the file's."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines import prompting
from synthesis.selectors import prompts
from synthesis.services.prompts import LARGEST, PromptRefused

SEEN = "The version that was read (0: none): 409 when there is a newer one."


class PromptRow(serializers.Serializer[Any]):
    """A prompt as it is in use."""

    name = serializers.CharField()
    version = serializers.IntegerField(help_text="Number of the newest version; 0 when nobody has published one.")
    default = serializers.BooleanField(help_text="Whether the studio's own text is in use.")
    digest = serializers.CharField(help_text="As calls record it.")
    text = serializers.CharField()


class PromptText(serializers.Serializer[Any]):
    """A text to publish."""

    text = serializers.CharField(max_length=LARGEST, trim_whitespace=False)
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text=SEEN)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class PromptBack(serializers.Serializer[Any]):
    """Going back."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text=SEEN)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


def refused(error: PromptRefused) -> Conflict | Unworkable:
    """Why, as an answer."""
    return Conflict(str(error)) if error.code in {"conflict", "same"} else Unworkable({"text": [str(error)]})


class Prompts(Listing):
    """``prompts/``"""

    actions = {"GET": "models.view"}
    says = {"GET": "List prompts. By name, with the text in use."}
    query = {"GET": PageQuery}
    gives = {"GET": PromptRow}
    rows, key, kind = prompts.in_use, "name", str


class OnePrompt(Single):
    """``prompts/{name}/``"""

    actions = {"GET": "models.view", "POST": "models.edit"}
    says = {"GET": "Read a prompt. The text in use.", "POST": "Publish a text. Every call from now on uses it."}
    takes = {"POST": PromptText}
    gives = {"GET": PromptRow, "POST": PromptRow}
    problems = {"POST": (409, 422)}
    row = prompts.in_use_of

    def post(self, request: Request, name: str) -> Response:
        """Publish it."""
        found(prompts.in_use_of(name))
        wanted = self.asked(request)
        try:
            prompting.publish(actor=self.caller, name=name, text=wanted["text"], after=wanted["version"], note=wanted["note"])
        except PromptRefused as error:
            raise refused(error) from None
        return Response(self.told(PromptRow, prompts.in_use_of(name)))


class DefaultPrompt(Resource):
    """``prompts/{name}/default/``"""

    actions = {"POST": "models.edit"}
    says = {"POST": "Go back to the studio's own text. Itself a version, so that calls can be told apart."}
    takes = {"POST": PromptBack}
    gives = {"POST": PromptRow}
    problems = {"POST": (409,)}

    def post(self, request: Request, name: str) -> Response:
        """Go back."""
        found(prompts.in_use_of(name))
        wanted = self.asked(request)
        try:
            prompting.to_default(actor=self.caller, name=name, after=wanted["version"], note=wanted["note"])
        except PromptRefused as error:
            raise refused(error) from None
        return Response(self.told(PromptRow, prompts.in_use_of(name)))


PROMPTS: tuple[tuple[str, type[Any]], ...] = (
    ("prompts/", Prompts),
    ("prompts/<slug:name>/", OnePrompt),
    ("prompts/<slug:name>/default/", DefaultPrompt),
)
"""Paths below ``/api/v1/`` and their views."""
