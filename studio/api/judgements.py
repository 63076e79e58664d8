"""Judgements, and what became of a run's episodes step by step. Reviewers do not see either: they score blind."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging import selectors as judged
from judging.models import CheckResult, CriterionScore, Judgement
from judging.selectors import lists
from studio.access.blindness import hidden_episodes
from studio.access.permissions import can
from studio.api.catalogue import slug
from studio.api.pages import PageQuery
from studio.api.resource import Listing, Single, found
from synthesis.selectors import runs


class JudgementRow(serializers.ModelSerializer[Judgement]):
    """A judge's view of an episode."""

    episode = serializers.IntegerField(source="episode_id")
    run = serializers.IntegerField(source="episode.run_id")
    rubric = serializers.CharField(source="rubric_version.rubric.slug")
    rubric_version = serializers.CharField(source="rubric_version.digest")
    hard_fails = serializers.ListField(child=serializers.CharField(), help_text="Hard criteria that failed.")

    class Meta:
        model = Judgement
        fields = (
            "id", "episode", "run", "judge", "judge_version", "decides", "rubric", "rubric_version", "overall", "passed", "process_credit",
            "hard_fails", "party", "tag", "severity", "failed_check", "reason", "first_event", "error", "disputed", "created",
        )  # fmt: skip


class Score(serializers.ModelSerializer[CriterionScore]):
    """A judgement's answer to one criterion."""

    criterion = serializers.CharField(source="criterion.slug")
    question = serializers.CharField(source="criterion.question")
    evidence = serializers.ListField(child=serializers.IntegerField(), help_text="Event numbers.")
    votes = serializers.ListField(
        child=serializers.FloatField(allow_null=True), help_text="Values that the members of a panel gave; null: does not apply."
    )

    class Meta:
        model = CriterionScore
        fields = ("criterion", "question", "value", "reason", "evidence", "votes", "spread")


class BrokenCheck(serializers.ModelSerializer[CheckResult]):
    """A check that did not hold."""

    evidence = serializers.ListField(child=serializers.IntegerField(), help_text="Event numbers.")

    class Meta:
        model = CheckResult
        fields = ("check_id", "reason", "evidence", "party", "tag", "severity")


class JudgementWhole(JudgementRow):
    """A judge's view of an episode, with the answer to each criterion and the evidence."""

    checks = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text="By check; null where it does not apply.")
    scores = Score(many=True)
    broken_checks = BrokenCheck(many=True)

    class Meta(JudgementRow.Meta):
        fields = (*JudgementRow.Meta.fields, "checks", "scores", "broken_checks")  # type: ignore[assignment]


class Funnel(serializers.Serializer[Any]):
    """How many episodes reached each step, and why the others did not."""

    planned = serializers.IntegerField()
    generated = serializers.IntegerField()
    played = serializers.IntegerField()
    checks_passed = serializers.IntegerField()
    judged = serializers.IntegerField()
    kept = serializers.IntegerField(allow_null=True, help_text="Null: a dataset says so.")
    dropped = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()), help_text="{step: {reason: number}}")


class JudgementQuery(PageQuery):
    """Filters of judgements."""

    run = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    episode = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    passed = serializers.BooleanField(required=False, allow_null=True, default=None)
    decides = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only those that count (true), or only those beside them (false)."
    )
    party = slug("Failures of this party, for instance agent.")
    tag = slug("Failures by this mistake, for instance missing_call.")


class Judgements(Listing):
    """``judgements/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "List judgements. Newest first, without the answers to each criterion."}
    query = {"GET": JudgementQuery}
    gives = {"GET": JudgementRow}
    rows = lists.judgements

    def given(self, **places: Any) -> dict[str, Any]:
        """Without episodes that the caller is reviewing blind."""
        return {"without": hidden_episodes(self.caller)}


class OneJudgement(Single):
    """``judgements/{id}/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "Read a judgement. With the answer to each criterion, its reason and evidence."}
    gives = {"GET": JudgementWhole}

    def get(self, request: Request, **places: Any) -> Response:
        """The judgement."""
        row = found(lists.judgement(places["judgement_id"]))
        if not can(self.caller, "judgements.view", row.episode_id):
            raise Http404
        parts = {
            "checks": row.checks,
            "scores": Score(lists.criterion_scores(row.pk), many=True).data,
            "broken_checks": BrokenCheck(lists.broken_checks(row.pk), many=True).data,
        }
        return Response(dict(self.told(JudgementRow, row)) | parts)


class RunFunnel(Single):
    """``runs/{id}/funnel/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "Read the funnel of a run. What became of its episodes at each step, with the reasons of those that fell out."}
    gives = {"GET": Funnel}

    def get(self, request: Request, **places: Any) -> Response:
        """The funnel."""
        return Response(judged.funnel(run=found(runs.run_get(places["run_id"]))))


JUDGEMENTS: tuple[tuple[str, type[Any]], ...] = (
    ("judgements/", Judgements),
    ("judgements/<id:judgement_id>/", OneJudgement),
    ("runs/<id:run_id>/funnel/", RunFunnel),
)
"""Paths below ``/api/v1/`` and their views."""
