"""Judges, how far each can be trusted, and how people agree. Reviewers see neither: they score blind."""

from datetime import timedelta
from typing import Any

import msgspec
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.engine.calibration.badge import Badge
from judging.engine.statistics.result import Result
from judging.models import Calibration
from judging.selectors import agreement as people
from judging.selectors import reviews, trust
from studio.api.catalogue import slug
from studio.api.pages import PageQuery
from studio.api.resource import Listing, Single, found


class Number(serializers.Serializer[Any]):
    """A number with its 95 % interval, or why there is none."""

    type = serializers.ChoiceField(["estimate", "silence"])
    value = serializers.FloatField(required=False)
    n = serializers.IntegerField(help_text="How many items it rests on.")
    low = serializers.FloatField(required=False, allow_null=True)
    high = serializers.FloatField(required=False, allow_null=True)
    why = serializers.CharField(required=False, help_text="For instance one_class or not_enough.")


class Trust(serializers.Serializer[Any]):
    """The badge of a judge."""

    state = serializers.ChoiceField(["uncalibrated", "dev_only", "calibrated", "stale"])
    date = serializers.DateTimeField(allow_null=True)
    n = serializers.IntegerField()
    tnr = Number(allow_null=True, help_text="Share of bad episodes that it catches.")
    rests_on = serializers.CharField(allow_blank=True, help_text="Whose truth: reviews or damage.")
    trusted = serializers.BooleanField(allow_null=True, help_text="Null: nothing can be said.")


class JudgeRow(serializers.Serializer[Any]):
    """A judge version that has judged something."""

    judge_version = serializers.CharField()
    judge = serializers.CharField(help_text="Kind: programmatic, model or panel.")
    rubric = serializers.CharField()
    rubric_version = serializers.CharField()
    episodes = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Episodes at which the judge itself failed.")
    last = serializers.DateTimeField()
    trust = Trust()


class JudgeList(serializers.Serializer[Any]):
    """Judges, the one at work last first, at most 200."""

    judges = JudgeRow(many=True)


class CalibrationRow(serializers.ModelSerializer[Calibration]):
    """A look at how far a judge can be trusted. ``report`` holds the numbers of the dev part, and of the test part for whoever opened it
    on its page.
    """

    rubric_version = serializers.CharField(source="rubric_version.digest")
    report = serializers.SerializerMethodField(help_text="Null while it is not done.")

    class Meta:
        model = Calibration
        fields = (
            "id",
            "judge_version",
            "judge",
            "rubric_version",
            "damage",
            "asked_by",
            "status",
            "error",
            "created",
            "finished",
            "report",
        )

    def get_report(self, row: Calibration) -> dict[str, Any] | None:
        """The numbers, without the test part for those who did not open it."""
        if not row.report:
            return None
        name = self.context["request"].user.get_username()
        opened = any(look.by == name for look in row.looks.all())
        parts = {split: part for split, part in row.report["parts"].items() if split == "dev" or opened}
        return {**row.report, "parts": parts}


class CalibrationQuery(PageQuery):
    """Filters of calibrations."""

    judge_version = slug("Of this judge version.")


class CriterionAgreement(serializers.Serializer[Any]):
    """How people agree on one criterion."""

    criterion = serializers.CharField()
    question = serializers.CharField()
    alpha_nominal = Number()
    alpha_ordinal = Number()
    equal = Number(help_text="Share of equal answers.")
    items = serializers.IntegerField(help_text="Items that two or more answered.")
    pairs = serializers.IntegerField()
    ambiguous = serializers.IntegerField(help_text="How often the question was found ambiguous.")


class AgreementBody(serializers.Serializer[Any]):
    """How people agree, by criterion. Empty where nobody reviewed anything."""

    rubric_version = serializers.CharField(allow_null=True)
    criteria = CriterionAgreement(many=True)


class AgreementQuery(PageQuery):
    """What answers are looked at."""

    queue = slug("Of this queue; without it of all queues that ask by the newest version of a rubric.")
    days = serializers.IntegerField(required=False, min_value=1, max_value=36500, help_text="Sealed in the last so many days.")


class Judges(Single):
    """``judges/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "List judges. Every version that has judged something, with how far it can be trusted."}
    gives = {"GET": JudgeList}

    def get(self, request: Request, **places: Any) -> Response:
        """The list."""
        rows = trust.judge_versions()
        badges = trust.badges([row.judge_version for row in rows])
        told = [
            {
                "judge_version": row.judge_version,
                "judge": row.judge,
                "rubric": row.rubric_version.rubric.slug,
                "rubric_version": row.rubric_version.digest,
                "episodes": row.episodes,
                "passed": row.passed,
                "failed": row.errors,
                "last": row.last,
                "trust": _trust(badges[row.judge_version]),
            }
            for row in rows
        ]
        return Response({"judges": told})


class Calibrations(Listing):
    """``calibrations/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "List calibrations. Newest first, with their numbers."}
    query = {"GET": CalibrationQuery}
    gives = {"GET": CalibrationRow}
    rows = trust.calibrations


class Agreement(Single):
    """``agreement/``"""

    actions = {"GET": "judgements.view"}
    says = {"GET": "Read how people agree. By criterion, over blind and sealed answers."}
    query = {"GET": AgreementQuery}
    gives = {"GET": AgreementBody}

    def get(self, request: Request, **places: Any) -> Response:
        """The numbers."""
        reader = AgreementQuery(data=request.query_params.dict())
        reader.is_valid(raise_exception=True)
        given = reader.validated_data
        queue = found(reviews.queue_get(given["queue"])) if given.get("queue") else None
        versions = people.reviewed_versions()
        version = queue.rubric_version if queue else versions[0] if versions else None
        if version is None:
            return Response({"rubric_version": None, "criteria": []})
        since = timezone.now() - timedelta(days=given["days"]) if given.get("days") else None
        rows = people.agreement(people.Scope(version, queue, since))
        return Response({"rubric_version": version.digest, "criteria": [_told(row) for row in rows]})


def _told(row: people.CriterionAgreement) -> dict[str, Any]:
    return {
        "criterion": row.criterion.slug,
        "question": row.criterion.question,
        "alpha_nominal": _number(row.nominal),
        "alpha_ordinal": _number(row.ordinal),
        "equal": _number(row.share),
        "items": row.items,
        "pairs": row.pairs,
        "ambiguous": row.ambiguous,
    }


def _trust(badge: Badge) -> dict[str, Any]:
    told = msgspec.to_builtins(badge)
    return {**told, "rests_on": told.pop("source")}


def _number(result: Result) -> Any:
    return msgspec.to_builtins(result)


JUDGES: tuple[tuple[str, type[Any]], ...] = (
    ("judges/", Judges),
    ("calibrations/", Calibrations),
    ("agreement/", Agreement),
)
"""Paths below ``/api/v1/`` and their views."""
