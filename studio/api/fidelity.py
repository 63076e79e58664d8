"""Measurements of simulators against programs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from studio.api.catalogue import slug
from studio.api.pages import PageQuery
from studio.api.resource import Listing, Single
from studio.pipelines.fidelity import lines
from synthesis.models import FidelityReport, FidelityStatus
from synthesis.selectors import fidelity


class FidelityRow(serializers.ModelSerializer[FidelityReport]):
    """A measurement: how it stands and what it took."""

    domain = serializers.CharField(source="release.domain.slug")
    release = serializers.CharField(source="release.digest")
    cost = serializers.IntegerField(help_text="In millionths of the currency.")

    class Meta:
        model = FidelityReport
        fields = (
            "id", "domain", "release", "endpoint", "model", "prompt", "seed", "wanted", "calls", "cost", "currency", "status", "error",
            "created", "finished",
        )  # fmt: skip


class ShareRow(serializers.Serializer[Any]):
    """A share with its 95 % Wilson interval; null without calls."""

    hits = serializers.IntegerField()
    calls = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class LineRow(serializers.Serializer[Any]):
    """One tool, or all together (``tool`` is empty)."""

    tool = serializers.CharField(source="tool.tool", allow_blank=True)
    effect = serializers.CharField(source="tool.effect", allow_blank=True)
    results = ShareRow(help_text="Calls whose result was the program's.")
    states = ShareRow(help_text="Of tools that write, calls that changed what the program changes.")
    both = ShareRow()
    repaired = serializers.IntegerField(source="tool.repaired", help_text="Answers that were asked for again.")
    unusable = serializers.IntegerField(source="tool.unusable", help_text="Calls without an answer that could be used.")
    kinds = serializers.DictField(child=serializers.IntegerField(), source="tool.kinds", help_text="Calls by kind of difference.")


class FidelityWhole(FidelityRow):
    """A measurement with its figures, all tools together first."""

    lines = serializers.SerializerMethodField(help_text="All tools together, then each.")

    class Meta(FidelityRow.Meta):
        fields = (*FidelityRow.Meta.fields, "lines")  # type: ignore[assignment]

    @extend_schema_field(LineRow(many=True))
    def get_lines(self, report: FidelityReport) -> Any:
        """The figures."""
        return LineRow(lines(report), many=True).data


class FidelityQuery(PageQuery):
    """Filters of measurements."""

    domain = slug("Measurements in this domain.")
    endpoint = slug("Measurements of this endpoint.")
    status = serializers.ChoiceField(FidelityStatus.choices, required=False)


class Measurements(Listing):
    """``fidelity/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "List measurements of simulators. Newest first."}
    query = {"GET": FidelityQuery}
    gives = {"GET": FidelityRow}
    rows = fidelity.reports


class OneMeasurement(Single):
    """``fidelity/{id}/``"""

    actions = {"GET": "catalogue.view"}
    says = {"GET": "Read a measurement. With shares and their intervals by tool."}
    gives = {"GET": FidelityWhole}
    row = fidelity.report


FIDELITY: tuple[tuple[str, type[Any]], ...] = (
    ("fidelity/", Measurements),
    ("fidelity/<id:report_id>/", OneMeasurement),
)
"""Paths below ``/api/v1/`` and their views."""
