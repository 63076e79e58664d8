"""Domains, releases, tools, scenarios: what runs are made from."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.engine.statistics.solving import pass_curve
from judging.selectors.solving import solved_by_models
from studio.access.blindness import hidden_episodes, results_seen_in
from studio.access.permissions import can
from studio.api.pages import PageQuery
from studio.api.resource import Listing, Single, found
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Domain, Release, Scenario, Tool
from synthesis.selectors import lists

SLUG = r"^[-a-zA-Z0-9_]+$"
OF_MODELS = frozenset({"model", "endpoint", "prompts", "cost", "calls"})
"""What lineage says of the model that wrote a release."""


def slug(about: str) -> serializers.RegexField:
    """A filter by slug."""
    return serializers.RegexField(SLUG, required=False, max_length=80, help_text=about)


def digest(about: str) -> serializers.RegexField:
    """A filter by digest."""
    return serializers.RegexField(r"^[0-9a-f]{64}$", required=False, help_text=about)


class DomainRow(serializers.ModelSerializer[Domain]):
    """A domain."""

    class Meta:
        model = Domain
        fields = ("slug", "name", "description", "category", "complexity", "origin", "status", "version", "created", "updated")


class DomainWhole(DomainRow):
    """A domain with its draft."""

    class Meta(DomainRow.Meta):
        fields = (*DomainRow.Meta.fields, "required_tools", "pack_text")  # type: ignore[assignment]


class ReleaseRow(serializers.ModelSerializer[Release]):
    """A release."""

    domain = serializers.SlugRelatedField[Domain](slug_field="slug", read_only=True)
    variations = serializers.JSONField(help_text="How many intents support each variation, or which.")

    class Meta:
        model = Release
        fields = ("digest", "domain", "number", "variations", "created")


class ReleaseWhole(ReleaseRow):
    """A release with its pack and the audit it passed."""

    class Meta(ReleaseRow.Meta):
        fields = (*ReleaseRow.Meta.fields, "seeds", "audit", "lineage", "pack")  # type: ignore[assignment]


class ToolRow(serializers.ModelSerializer[Tool]):
    """A tool of a release."""

    domain = serializers.CharField(source="release.domain.slug")
    release = serializers.CharField(source="release.digest")
    success_rate = serializers.FloatField(allow_null=True, help_text="Null before the first call.")

    class Meta:
        model = Tool
        fields = (
            "id", "name", "domain", "release", "kind", "description", "effect", "side", "confirm", "status", "calls", "failures",
            "success_rate",
        )  # fmt: skip


class ToolWhole(ToolRow):
    """A tool with its schemas."""

    class Meta(ToolRow.Meta):
        fields = (*ToolRow.Meta.fields, "parameters", "returns", "errors", "examples", "domains", "tags", "source", "licence")  # type: ignore[assignment]


class ScenarioRow(serializers.ModelSerializer[Scenario]):
    """A concrete task."""

    domain = serializers.CharField(source="release.domain.slug")
    release = serializers.CharField(source="release.digest")
    measured = serializers.IntegerField(
        allow_null=True,
        help_text="Difficulty 1-5 after what models made of it; null while none has played it, and to whoever reviews blind.",
    )

    class Meta:
        model = Scenario
        fields = ("digest", "domain", "release", "variation", "intents", "difficulty", "measured", "quarantined", "created")

    def to_representation(self, instance: Scenario) -> dict[str, Any]:
        """As this caller may see it."""
        row = super().to_representation(instance)
        if row["measured"] is not None and not results_seen_in(self.context).of_scenario(instance.digest):
            row["measured"] = None
        return row


class SolvedSaid(serializers.Serializer[Any]):
    """What agents that are models made of a scenario, over all runs; forks and repairs aside."""

    plays = serializers.IntegerField(help_text="Plays that count: not those that failed for the studio's own sake.")
    solved = serializers.IntegerField()
    pass_k = serializers.ListField(
        child=serializers.FloatField(), help_text="The chance that k plays all solve it, estimated for k = 1, 2, ... up to 8 or to `plays`."
    )


class ScenarioWhole(ScenarioRow):
    """A concrete task with its truth: facts, gold calls, expected changes."""

    solved = SolvedSaid(
        allow_null=True, read_only=True, help_text="Null while no model has played it, and to whoever may not know how it was solved."
    )

    class Meta(ScenarioRow.Meta):
        fields = (*ScenarioRow.Meta.fields, "solved", "body")  # type: ignore[assignment]

    def to_representation(self, instance: Scenario) -> dict[str, Any]:
        """As this caller may see it."""
        tally = None
        if results_seen_in(self.context).of_scenario(instance.digest):
            tally = solved_by_models([instance.digest]).get(instance.digest)
        said = {"plays": tally.plays, "solved": tally.solved, "pass_k": pass_curve(tally)} if tally else None
        vars(instance)["solved"] = said
        return super().to_representation(instance)


class DomainQuery(PageQuery):
    """Filters of domains."""

    category = serializers.CharField(required=False, max_length=200, help_text="A category path or its beginning.")
    status = serializers.ChoiceField(Domain.Status.choices, required=False)
    origin = serializers.ChoiceField(Domain.Origin.choices, required=False)


class ReleaseQuery(PageQuery):
    """Filters of releases."""

    domain = slug("Releases of this domain.")


class ToolQuery(PageQuery):
    """Filters of tools."""

    name = slug("Tools of this name.")
    domain = slug("Tools of this domain.")
    release = digest("Tools of this release.")
    effect = serializers.ChoiceField(Tool.Effect.choices, required=False)
    side = serializers.ChoiceField(
        Tool.Side.choices, required=False, help_text="Whose tools: the agent's, or those of the user's own side."
    )
    status = serializers.ChoiceField(Tool.Status.choices, required=False)


class ScenarioQuery(PageQuery):
    """Filters of scenarios."""

    domain = slug("Scenarios of this domain.")
    release = digest("Scenarios of this release.")
    variation = serializers.ChoiceField(VARIATIONS, required=False)
    difficulty = serializers.IntegerField(required=False, min_value=1, max_value=5)
    measured = serializers.IntegerField(
        required=False, min_value=1, max_value=5, help_text="Of this difficulty after results; for those who may see judgements."
    )
    quarantined = serializers.BooleanField(required=False, allow_null=True, default=None)


class Domains(Listing):
    """``domains/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "List domains. By slug, without their drafts."}
    query = {"GET": DomainQuery}
    gives = {"GET": DomainRow}
    rows, key, kind = lists.domains, "slug", str


class OneDomain(Single):
    """``domains/{slug}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read a domain. With its draft as YAML; episodes never come from drafts but from releases."}
    gives = {"GET": DomainWhole}
    row = lists.domain


class Releases(Listing):
    """``releases/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "List releases. Newest first."}
    query = {"GET": ReleaseQuery}
    gives = {"GET": ReleaseRow}
    rows = lists.releases


class OneRelease(Single):
    """``releases/{digest}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read a release. With its pack and the audit it passed."}
    gives = {"GET": ReleaseWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The release; which model wrote it is for those who may see models."""
        release = found(lists.release(places["digest"]))
        if not can(self.caller, "models.view"):
            release.lineage = {name: value for name, value in release.lineage.items() if name not in OF_MODELS}
        return Response(self.told(ReleaseWhole, release))


class Tools(Listing):
    """``tools/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "List tools. Newest first, of all releases unless one is named."}
    query = {"GET": ToolQuery}
    gives = {"GET": ToolRow}
    rows = lists.tools


class OneTool(Single):
    """``tools/{id}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read a tool. With the JSON Schemas of its parameters and result."}
    gives = {"GET": ToolWhole}
    row = lists.tool


class Scenarios(Listing):
    """``scenarios/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "List scenarios. By digest."}
    query = {"GET": ScenarioQuery}
    gives = {"GET": ScenarioRow}
    rows, key, kind = lists.scenarios, "digest", str

    def given(self, **places: Any) -> dict[str, Any]:
        """Whoever asks by results is not led to what they review blind. Raises ValidationError for whoever may see none."""
        if "measured" not in self.request.query_params:
            return places
        if not can(self.caller, "judgements.view"):
            raise serializers.ValidationError({"measured": ["How scenarios are solved is told to those who may see judgements."]})
        return {**places, "without": hidden_episodes(self.caller)}


class OneScenario(Single):
    """``scenarios/{digest}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read a scenario. With its facts, gold calls and expected changes."}
    gives = {"GET": ScenarioWhole}
    row = lists.scenario


CATALOGUE: tuple[tuple[str, type[Any]], ...] = (
    ("domains/", Domains),
    ("domains/<slug:slug>/", OneDomain),
    ("releases/", Releases),
    ("releases/<digest:digest>/", OneRelease),
    ("tools/", Tools),
    ("tools/<id:tool_id>/", OneTool),
    ("scenarios/", Scenarios),
    ("scenarios/<digest:digest>/", OneScenario),
)
"""Paths below ``/api/v1/`` and their views."""
