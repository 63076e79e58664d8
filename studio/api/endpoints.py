"""Model endpoints: read, written, changed, checked, removed. A key goes in and never comes out."""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, NoBody, Resource, Single, found
from studio.pipelines import endpoints as pipeline
from synthesis.engine.chat.profiles import PROFILES
from synthesis.models import EndpointCheck, ModelEndpoint
from synthesis.selectors import endpoints
from synthesis.selectors.endpoints import PURPOSES
from synthesis.services.endpoints import LONGEST_KEY, NO_PRICE, EndpointFacts, EndpointRefused

MOST = 2_000_000_000
PRICE = "Of a million tokens, in millionths of the currency."


class EndpointRow(serializers.ModelSerializer[ModelEndpoint]):
    """An endpoint. Of its key it is told whether there is one, and how it ends."""

    has_key = serializers.SerializerMethodField()
    purposes = serializers.ListField(child=serializers.ChoiceField(PURPOSES))

    class Meta:
        model = ModelEndpoint
        fields = (
            "slug", "base_url", "model", "provider", "has_key", "key_end", "parameters", "purposes", "price_prompt", "price_completion",
            "price_cached", "currency", "requests_a_minute", "tokens_a_minute", "concurrency", "try_seconds", "checked", "active",
            "created",
        )  # fmt: skip

    def get_has_key(self, row: ModelEndpoint) -> bool:
        """Whether a key is stored."""
        return bool(row.key)


class EndpointText(serializers.Serializer[Any]):
    """An endpoint as it is written."""

    base_url = serializers.CharField(max_length=500, help_text="Up to and with /v1; https, unless the operator allows the host.")
    model = serializers.CharField(max_length=200, help_text="As the endpoint calls it.")
    provider = serializers.ChoiceField(list(PROFILES), default="other")
    key = serializers.CharField(
        max_length=LONGEST_KEY, required=False, default="", allow_blank=True, write_only=True,
        help_text="Left out or empty, a stored one is kept, unless the base URL is another.",
    )  # fmt: skip
    clear_key = serializers.BooleanField(required=False, default=False, write_only=True, help_text="Forget the stored key.")
    parameters = serializers.DictField(required=False, default=dict, help_text="Sent with every request.")
    purposes = serializers.ListField(child=serializers.ChoiceField(PURPOSES), required=False, default=list)
    price_prompt = serializers.IntegerField(min_value=0, max_value=NO_PRICE, default=0, help_text=PRICE)
    price_completion = serializers.IntegerField(min_value=0, max_value=NO_PRICE, default=0, help_text=PRICE)
    price_cached = serializers.IntegerField(
        min_value=0, max_value=NO_PRICE, allow_null=True, default=None, help_text="Null: the same as the prompt's."
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="USD")
    requests_a_minute = serializers.IntegerField(min_value=1, max_value=MOST, allow_null=True, default=None)
    tokens_a_minute = serializers.IntegerField(min_value=1, max_value=MOST, allow_null=True, default=None)
    concurrency = serializers.IntegerField(min_value=1, max_value=1024, default=64, help_text="Calls in flight per process.")
    try_seconds = serializers.FloatField(min_value=1, max_value=900, default=120.0, help_text="Deadline of one try.")
    active = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Whether new calls go there.")


class NewEndpoint(EndpointText):
    """An endpoint to write."""

    slug = serializers.SlugField(max_length=80, help_text="Small letters, digits, - and _; it stays as it is.")


class EndpointQuery(PageQuery):
    """Filters of endpoints."""

    active = serializers.BooleanField(required=False, allow_null=True, default=None)


class FindingOfCheck(serializers.Serializer[Any]):
    """What one question of a self-check found."""

    name = serializers.CharField()
    works = serializers.ChoiceField(["yes", "partly", "no", "unasked"])
    code = serializers.CharField(help_text="Why, in a word.")
    note = serializers.CharField(help_text="In the endpoint's words.")
    seconds = serializers.FloatField()


class CheckRow(serializers.ModelSerializer[EndpointCheck]):
    """A self-check."""

    endpoint = serializers.SlugField(source="endpoint.slug")
    findings = FindingOfCheck(many=True, help_text="So far, while it is under way.")

    class Meta:
        model = EndpointCheck
        fields = ("id", "endpoint", "status", "findings", "error", "asked_by", "created", "finished")


def written(view: Resource, slug: str, wanted: Mapping[str, Any], *, new: bool) -> ModelEndpoint:
    """An endpoint as the body says. Raises Unworkable."""
    facts = EndpointFacts(**{name: wanted[name] for name in EndpointFacts.__struct_fields__})
    clear = wanted["clear_key"]
    row = told(lambda: pipeline.endpoint_save(actor=view.caller, slug=slug, facts=facts, key=wanted["key"], new=new, clear_key=clear))
    if wanted["active"] is not None and wanted["active"] != row.active:
        pipeline.endpoint_set_active(actor=view.caller, slug=slug, active=wanted["active"])
        row.active = wanted["active"]
    return row


def told(save: Callable[[], ModelEndpoint]) -> ModelEndpoint:
    """Do it; what the service refuses is told by field. Raises Unworkable."""
    try:
        return save()
    except EndpointRefused as refused:
        raise Unworkable({refused.field: [str(refused)]}) from None


class Endpoints(Listing):
    """``endpoints/``"""

    actions = {"GET": "models.view", "POST": "models.edit"}
    says = {"GET": "List model endpoints. By slug, without their keys.", "POST": "Add a model endpoint. Its key is stored encrypted."}
    query = {"GET": EndpointQuery}
    takes = {"POST": NewEndpoint}
    gives = {"GET": EndpointRow, "POST": EndpointRow}
    status = {"POST": 201}
    problems = {"POST": (422,)}
    rows, key, kind = endpoints.endpoints, "slug", str

    def post(self, request: Request) -> Response:
        """Add one."""
        wanted = self.asked(request)
        row = written(self, wanted["slug"], wanted, new=True)
        return Response(self.told(EndpointRow, row), status=201)


class OneEndpoint(Single):
    """``endpoints/{slug}/``"""

    actions = {"GET": "models.view", "POST": "models.edit"}
    says = {
        "GET": "Read a model endpoint. Without its key.",
        "POST": "Change a model endpoint. The whole of it; without a key the stored one is kept, unless the base URL is another.",
    }
    takes = {"POST": EndpointText}
    gives = {"GET": EndpointRow, "POST": EndpointRow}
    problems = {"POST": (422,)}
    row = endpoints.endpoint_get

    def post(self, request: Request, slug: str) -> Response:
        """Change it."""
        found(endpoints.endpoint_get(slug))
        return Response(self.told(EndpointRow, written(self, slug, self.asked(request), new=False)))


class EndpointChecks(Resource):
    """``endpoints/{slug}/check/``"""

    actions = {"GET": "models.view", "POST": "models.edit"}
    says = {
        "GET": "Read how far the newest self-check is. 404 when there was none.",
        "POST": "Ask for a self-check. A worker makes it; look here until it is over.",
    }
    takes = {"POST": NoBody}
    gives = {"GET": CheckRow, "POST": CheckRow}
    status = {"POST": 202}

    def get(self, request: Request, slug: str) -> Response:
        """The newest."""
        row = found(endpoints.endpoint_get(slug))
        return Response(self.told(CheckRow, found(endpoints.check_newest(row))))

    def post(self, request: Request, slug: str) -> Response:
        """Ask for one."""
        row = found(endpoints.endpoint_get(slug))
        return Response(self.told(CheckRow, pipeline.check_ask(actor=self.caller, endpoint=row)), status=202)


class RemoveEndpoint(Resource):
    """``endpoints/{slug}/remove/``"""

    actions = {"POST": "models.edit"}
    says = {"POST": "Remove a model endpoint that was never used. 409 for one that was: take it out of use instead."}
    takes = {"POST": NoBody}
    gives = {"POST": EndpointRow}
    problems = {"POST": (409,)}

    def post(self, request: Request, slug: str) -> Response:
        """Remove it; what it was is told once more."""
        row = found(endpoints.endpoint_get(slug))
        was = self.told(EndpointRow, row)
        try:
            pipeline.endpoint_remove(actor=self.caller, slug=slug)
        except EndpointRefused as refused:
            raise Conflict(str(refused)) from None
        return Response(was)


ENDPOINTS: tuple[tuple[str, type[Any]], ...] = (
    ("endpoints/", Endpoints),
    ("endpoints/<slug:slug>/", OneEndpoint),
    ("endpoints/<slug:slug>/check/", EndpointChecks),
    ("endpoints/<slug:slug>/remove/", RemoveEndpoint),
)
"""Paths below ``/api/v1/`` and their views."""
