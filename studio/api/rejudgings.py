"""Judging again: what it would cost, asking for it, how far it is, both sides, adopting and putting back."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.models import Rejudging
from judging.selectors import rejudging as selectors
from judging.services.rejudging import RejudgingError
from studio.access.blindness import hidden_episodes
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, Moving, Resource, Single, found
from studio.api.runs import FIELD_OF
from studio.pipelines import rejudging
from studio.pipelines.judge_choice import judge_for
from studio.pipelines.once import Answer
from studio.pipelines.rejudge_estimate import Estimate, estimate
from synthesis.selectors import runs
from synthesis.services.run_error import RunError


class EstimateSaid(serializers.Serializer[Any]):
    """What it will cost, in millionths of ``currency``."""

    episodes = serializers.IntegerField()
    expected = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    currency = serializers.CharField()
    basis = serializers.CharField(help_text="free: checks; past: what such a judge took before, 19 times of 20; guess: lengths and prices.")


class RejudgingRow(serializers.ModelSerializer[Rejudging]):
    """A round of judging again."""

    run = serializers.IntegerField(source="run_id")
    judges = serializers.ListField(source="spec.endpoints", child=serializers.CharField(), help_text="Endpoints; none: the checks.")
    rubric = serializers.CharField(source="spec.rubric", help_text="Digest of the rubric version.")
    domains = serializers.DictField(
        source="spec.domains", default=dict, child=serializers.CharField(), help_text="Digests of what these domains are asked instead."
    )
    scenarios = serializers.DictField(
        source="spec.scenarios", default=dict, child=serializers.CharField(), help_text="Digests of what these scenarios are asked instead."
    )
    judge_versions = serializers.DictField(child=serializers.CharField(), help_text="Who judged last, by digest of rubric version.")
    filters = serializers.DictField(child=serializers.CharField())
    estimate = EstimateSaid()

    class Meta:
        model = Rejudging
        fields = (
            "id", "run", "judges", "rubric", "domains", "scenarios", "filters", "estimate", "episodes", "status", "done", "errors", "cost",
            "problem", "judge_versions", "asked_by", "created", "finished", "adopted", "adopted_by",
        )  # fmt: skip


class Flipped(serializers.Serializer[Any]):
    """Episodes by old and new verdict."""

    before = serializers.CharField(help_text="passed, failed or error.")
    after = serializers.CharField()
    episodes = serializers.IntegerField()


class ComparedSaid(serializers.Serializer[Any]):
    """What decided beside what was found."""

    episodes = serializers.IntegerField()
    before = serializers.FloatField(allow_null=True, help_text="Mean overall score.")
    after = serializers.FloatField(allow_null=True)
    flips = Flipped(many=True)


class Wanted(serializers.Serializer[Any]):
    """Judges, rubric, episodes."""

    judges = serializers.ListField(child=serializers.SlugField(max_length=80), required=False, default=list, max_length=9)
    rubric = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="Slug, or digest of a version, which is asked of every episode; left out: what scenarios and domains want.",
    )
    verdict = serializers.ChoiceField(["passed", "failed"], required=False, help_text="Only episodes with this verdict so far.")
    domain = serializers.SlugField(max_length=80, required=False)
    variation = serializers.SlugField(max_length=80, required=False)


class RejudgingQuery(PageQuery):
    """Filters of rounds."""

    run = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class Rejudgings(Listing):
    """``rejudgings/``"""

    actions = {"GET": "judgements.rejudge"}
    says = {"GET": "List rounds of judging again. Newest first."}
    query = {"GET": RejudgingQuery}
    gives = {"GET": RejudgingRow}
    rows = selectors.rejudgings


def _settled(run_id: int, wanted: dict[str, Any]) -> tuple[Any, Any, dict[str, str], Estimate]:
    run = found(runs.run_get(run_id))
    filters = {name: str(wanted[name]) for name in ("verdict", "domain", "variation") if wanted.get(name)}
    try:
        spec = judge_for(judges=wanted["judges"], rubric=wanted["rubric"], domains=list(run.releases))
    except RunError as error:
        raise Unworkable({FIELD_OF.get(error.place, error.place): [f"{error.problem}. {error.remedy}"]}) from error
    return run, spec, filters, estimate(run=run, spec=spec, filters=filters)


class RejudgingEstimate(Resource):
    """``runs/{id}/rejudgings/estimate/``"""

    actions = {"POST": "judgements.rejudge"}
    says = {"POST": "Estimate what judging again costs. Nothing is asked for."}
    takes = {"POST": Wanted}
    gives = {"POST": EstimateSaid}
    problems = {"POST": (422,)}

    def post(self, request: Request, run_id: int) -> Response:
        """The estimate."""
        said = _settled(run_id, dict(self.asked(request)))[3]
        return Response(self.told(EstimateSaid, msgspec.to_builtins(said)))


class RunRejudgings(Resource):
    """``runs/{id}/rejudgings/``"""

    actions = {"POST": "judgements.rejudge"}
    says = {"POST": "Judge a run again. Nothing is played; what is found decides nothing until it is adopted."}
    takes = {"POST": Wanted}
    gives = {"POST": RejudgingRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}
    keyed = True

    def post(self, request: Request, run_id: int) -> Response:
        """Ask for it."""
        wanted = dict(self.asked(request))

        def start() -> Answer:
            run, spec, filters, said = _settled(run_id, wanted)
            try:
                job = rejudging.rejudge_ask(actor=self.caller, run=run, spec=spec, filters=filters, said=said)
            except RejudgingError as error:
                raise Conflict(str(error)) from error
            place = request.build_absolute_uri(reverse("api:one_rejudging", kwargs={"rejudging_id": job.pk}))
            return Answer(201, dict(self.told(RejudgingRow, job)), place)

        return answered(request, self.caller, start)


class OneRejudging(Single):
    """``rejudgings/{id}/``"""

    actions = {"GET": "judgements.rejudge"}
    says = {"GET": "Read a round of judging again."}
    gives = {"GET": RejudgingRow}

    def get(self, request: Request, **places: Any) -> Response:
        """How far it is."""
        return Response(self.told(RejudgingRow, found(selectors.rejudging_get(places["rejudging_id"]))))


class RejudgingCompared(Single):
    """``rejudgings/{id}/compared/``"""

    actions = {"GET": "judgements.rejudge"}
    says = {"GET": "Compare old and new judgements. Over the episodes that have both."}
    gives = {"GET": ComparedSaid}

    def get(self, request: Request, **places: Any) -> Response:
        """Both sides."""
        job = found(selectors.rejudging_get(places["rejudging_id"]))
        sides = selectors.compared(job, without=hidden_episodes(self.caller))
        flips = [{"before": old, "after": new, "episodes": number} for (old, new), number in sorted(sides.matrix.items())]
        said = {"episodes": sides.episodes, "before": sides.before.mean, "after": sides.after.mean, "flips": flips}
        return Response(self.told(ComparedSaid, said))


class MovingRejudging(Moving):
    """A round that is moved by ``deed``."""

    actions = {"POST": "judgements.rejudge"}
    gives = {"POST": RejudgingRow}
    row = selectors.rejudging_get
    refusals = (RejudgingError,)
    deed: Any

    def move(self, thing: Any, asked: Mapping[str, Any]) -> None:
        """See ``Moving``."""
        type(self).deed(actor=self.caller, job=thing)


class AdoptRejudging(MovingRejudging):
    """``rejudgings/{id}/adopt/``"""

    deed = staticmethod(rejudging.adopt)
    says = {"POST": "Adopt what a round found. Its judgements decide from now on."}


class PutBackRejudging(MovingRejudging):
    """``rejudgings/{id}/put-back/``"""

    deed = staticmethod(rejudging.put_back)
    says = {"POST": "Put back what decided before. The round's judgements stay beside it."}


class CancelRejudging(MovingRejudging):
    """``rejudgings/{id}/cancel/``"""

    deed = staticmethod(rejudging.cancel)
    says = {"POST": "End a round early. What was judged stays."}


class ResumeRejudging(MovingRejudging):
    """``rejudgings/{id}/resume/``"""

    deed = staticmethod(rejudging.resume)
    says = {"POST": "Let a round go on that stood still."}


REJUDGINGS: tuple[tuple[str, type[Any]], ...] = (
    ("rejudgings/", Rejudgings),
    ("rejudgings/<id:rejudging_id>/", OneRejudging),
    ("rejudgings/<id:rejudging_id>/compared/", RejudgingCompared),
    ("rejudgings/<id:rejudging_id>/adopt/", AdoptRejudging),
    ("rejudgings/<id:rejudging_id>/put-back/", PutBackRejudging),
    ("rejudgings/<id:rejudging_id>/cancel/", CancelRejudging),
    ("rejudgings/<id:rejudging_id>/resume/", ResumeRejudging),
    ("runs/<id:run_id>/rejudgings/", RunRejudgings),
    ("runs/<id:run_id>/rejudgings/estimate/", RejudgingEstimate),
)
"""Paths below ``/api/v1/`` and their views."""
