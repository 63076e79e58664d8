"""Evolutions: let a model extend the catalogue, and read what it drafted."""

from typing import Any

import msgspec
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.drafts import NAME, FindingRow
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines.evolving import evolution_ask
from studio.pipelines.once import Answer
from synthesis.engine.evolution.wanted import MOST, Round, Wanted
from synthesis.models import Evolution, EvolutionDraft
from synthesis.selectors import evolutions
from synthesis.services.evolutions import EvolutionRefused


def _number(name: str, says: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST[name], required=False, default=0, help_text=says)


class WantedRow(serializers.Serializer[Any]):
    """What a model is to add. Domains go in new categories, in one category, or beside one domain: one of the three."""

    categories = _number("categories", "New key categories.")
    domains = _number("domains", "Domains in each new category, in the category, or beside the domain.")
    category = serializers.CharField(max_length=80, required=False, default="", allow_blank=True, help_text="A key category.")
    parent = serializers.CharField(  # type: ignore[assignment]
        max_length=80, required=False, default="", allow_blank=True, help_text="Slug of a domain."
    )
    personas = _number("personas", "Personas in each language.")
    agents = _number("agents", "Agent profiles.")
    wordings = serializers.ListField(
        child=serializers.RegexField(NAME, max_length=64),
        required=False,
        default=list,
        max_length=MOST["wordings"],
        help_text="Slugs of domains whose intents get more wordings.",
    )
    lines = serializers.IntegerField(
        min_value=0, max_value=MOST["lines"], required=False, default=3, help_text="New openings of each intent in each language."
    )


class EvolutionRow(serializers.ModelSerializer[Evolution]):
    """An evolution. Money is in millionths of the endpoint's currency."""

    wanted = WantedRow()

    class Meta:
        model = Evolution
        fields = (
            "id", "endpoint", "wanted", "at_once", "limit", "spent", "status", "note", "asked_by", "created", "finished",
        )  # fmt: skip


class EvolutionStart(serializers.Serializer[Any]):
    """An evolution to start."""

    endpoint = serializers.CharField(max_length=80, help_text="Slug of a model endpoint whose purposes include author.")
    wanted = WantedRow()
    at_once = serializers.BooleanField(
        required=False, default=False, help_text="Publish what passes the audit; otherwise a person accepts it on its page."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, allow_null=True, default=None, help_text="Cap on cost, in millionths."
    )


class RoundRow(serializers.Serializer[Any]):
    """What one audit found."""

    repairs = serializers.IntegerField(help_text="How many repairs there had been.")
    findings = FindingRow(many=True)


class EvolutionDraftRow(serializers.ModelSerializer[EvolutionDraft]):
    """A draft: a category, a domain with its pack, wordings, a persona, an agent profile."""

    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent_id", allow_null=True, help_text="Id of the draft of the domain's category."
    )
    prompts = serializers.DictField(child=serializers.CharField(), help_text="Digests of the prompts, by name.")
    release = serializers.CharField(source="release.digest", allow_null=True, default=None, help_text="Digest of the release it became.")

    class Meta:
        model = EvolutionDraft
        fields = (
            "id", "parent", "kind", "slug", "name", "description", "stage", "repairs", "calls", "cost", "model", "prompts", "problem",
            "release", "decided_by", "created", "updated",
        )  # fmt: skip


class EvolutionDraftWithFindings(EvolutionDraftRow):
    """A draft of an evolution, with why its last audit does not let it pass."""

    findings = FindingRow(many=True, help_text="Errors of its last audit; empty before one, and of what passed.")

    class Meta(EvolutionDraftRow.Meta):
        fields = (*EvolutionDraftRow.Meta.fields, "findings")  # type: ignore[assignment]


class EvolutionWhole(EvolutionRow):
    """An evolution with its drafts."""

    problems = serializers.DictField(child=serializers.CharField(), help_text="Why steps failed that belong to no draft, by step.")
    drafts = EvolutionDraftWithFindings(many=True)

    class Meta(EvolutionRow.Meta):
        fields = (*EvolutionRow.Meta.fields, "problems", "drafts")  # type: ignore[assignment]


class EvolutionDraftWhole(EvolutionDraftRow):
    """A draft with its text and the findings of every audit."""

    pack_text = serializers.CharField(source="text", help_text="YAML; empty before it is whole.")
    rounds = RoundRow(many=True)

    class Meta(EvolutionDraftRow.Meta):
        fields = (*EvolutionDraftRow.Meta.fields, "pack_text", "rounds")  # type: ignore[assignment]


class Evolutions(Listing):
    """``evolutions/``"""

    actions = {"GET": "models.view", "POST": "catalogue.edit"}
    says = {
        "GET": "List evolutions. Newest first.",
        "POST": "Let a model extend the catalogue. A worker does it; look at `Location` until it is done.",
    }
    takes = {"POST": EvolutionStart}
    gives = {"GET": EvolutionRow, "POST": EvolutionRow}
    status = {"POST": 202}
    problems = {"POST": (422,)}
    keyed = True
    query = {"GET": PageQuery}
    rows = evolutions.evolutions

    def post(self, request: Request) -> Response:
        """Start one."""
        asked = self.asked(request)
        wanted = msgspec.convert(asked["wanted"], Wanted)

        def start() -> Answer:
            try:
                row = evolution_ask(
                    actor=self.caller, endpoint=asked["endpoint"], wanted=wanted, at_once=asked["at_once"], limit=asked["limit"]
                )
            except EvolutionRefused as refused:
                raise Unworkable({refused.field or "wanted": [str(refused)]}) from None
            row.wanted = msgspec.to_builtins(wanted)
            place = request.build_absolute_uri(reverse("api:one_evolution", kwargs={"evolution_id": row.pk}))
            return Answer(202, dict(self.told(EvolutionRow, row)), place)

        return answered(request, self.caller, start)


class OneEvolution(Single):
    """``evolutions/{id}/``"""

    actions = {"GET": "models.view"}
    says = {"GET": "Read how far an evolution is. With its drafts, and what keeps them from passing."}
    gives = {"GET": EvolutionWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The evolution."""
        row = found(evolutions.evolution(places["evolution_id"]))
        rounds_of = evolutions.findings_of(row.pk)
        told = {**self.told(EvolutionRow, row), "problems": row.problems, "drafts": []}
        for draft in evolutions.drafts_of(row.pk):
            rounds = rounds_of.get(draft.pk)
            found_last = msgspec.convert(rounds[-1], Round).errors if rounds else []
            findings = [self.told(FindingRow, finding) for finding in found_last]
            told["drafts"].append({**self.told(EvolutionDraftRow, draft), "findings": findings})
        return Response(told)


class OneEvolutionDraft(Single):
    """``evolution-drafts/{id}/``"""

    actions = {"GET": "models.view"}
    says = {"GET": "Read a draft. With its text and what each audit found."}
    gives = {"GET": EvolutionDraftWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The draft."""
        return Response(draft_told(self, places["draft_id"]))


def draft_told(view: Resource, draft_id: int) -> Any:
    """A draft with its text and the findings of every audit, as data. Raises Http404."""
    row = found(evolutions.draft(draft_id))
    row.rounds = msgspec.convert(row.rounds, list[Round])
    return view.told(EvolutionDraftWhole, row)


EVOLUTIONS: tuple[tuple[str, type[Any]], ...] = (
    ("evolutions/", Evolutions),
    ("evolutions/<id:evolution_id>/", OneEvolution),
    ("evolution-drafts/<id:draft_id>/", OneEvolutionDraft),
)
"""Paths below ``/api/v1/`` and their views."""
