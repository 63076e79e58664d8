"""Trying rubrics with model judges: what it would cost, asking for it, how far it is, what it found, accepting a wording."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from judging.models import RubricTrial
from judging.selectors import rubric_trials as selectors
from judging.selectors.rubric_drafts import draft_of, newest_of
from judging.selectors.rubric_pages import criterion_of, rubric_get, version_numbered
from judging.services.rubric_drafts import RubricRefused
from judging.services.rubric_trials import TrialRefused
from studio.access.blindness import hidden_episodes
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.rejudgings import EstimateSaid
from studio.api.resource import Listing, Moving, Resource, Single, found
from studio.api.rubric_trial_rows import Budget, TrialFound, TrialLine, TrialRow, TrialWanted, WordingWanted
from studio.pipelines import rubric_trials as pipeline
from studio.pipelines.accepting import accept
from studio.pipelines.launching import millionths
from studio.pipelines.once import Answer
from studio.pipelines.trial_plans import Plan, plan_draft, plan_wording


def _plan_draft(view: Resource, slug: str, wanted: dict[str, Any]) -> Plan:
    draft = found(draft_of(slug))
    try:
        hidden = set(hidden_episodes(view.caller))
        return plan_draft(draft=draft, judges=wanted["judges"], hidden=hidden, number=wanted["number"])
    except TrialRefused as refused:
        raise Unworkable(str(refused)) from None


def _plan_wording(view: Resource, slug: str, wanted: dict[str, Any]) -> Plan:
    found(rubric_get(slug))
    version = found(version_numbered(slug, wanted["version"]) if wanted.get("version") else newest_of(slug))
    criterion = criterion_of(version, wanted["criterion"])
    if criterion is None:
        raise Unworkable({"criterion": [f"Version {version.number} of {slug} asks nothing called {wanted['criterion']}."]})
    try:
        return plan_wording(criterion=criterion, author=wanted["author"], judges=wanted["judges"], viewer_id=view.caller.pk)
    except TrialRefused as refused:
        raise Unworkable(str(refused)) from None


class RubricTrials(Listing):
    """``rubrics/{slug}/trials/``"""

    actions = {"GET": "rubrics.edit", "POST": "rubrics.edit"}
    says = {
        "GET": "List trials of a rubric. Newest first.",
        "POST": "Try the draft of a rubric with model judges. What they say is no judgement and decides nothing.",
    }
    query = {"GET": PageQuery}
    takes = {"POST": TrialWanted}
    gives = {"GET": TrialRow, "POST": TrialRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}
    keyed = True
    rows = selectors.trials

    def given(self, **places: Any) -> dict[str, Any]:
        """Of this rubric."""
        return {"rubric": found(rubric_get(places["slug"])).slug}

    def post(self, request: Request, slug: str) -> Response:
        """Ask for it."""
        return _asked(self, request, slug, _plan_draft)


class RubricRewordings(Resource):
    """``rubrics/{slug}/rewordings/``"""

    actions = {"POST": "rubrics.edit"}
    says = {
        "POST": "Have a model word a disputed question anew. The wording is tried on the disputed episodes, and stays out of the draft."
    }
    takes = {"POST": WordingWanted}
    gives = {"POST": TrialRow}
    status = {"POST": 201}
    problems = {"POST": (409, 422)}
    keyed = True

    def post(self, request: Request, slug: str) -> Response:
        """Ask for it."""
        return _asked(self, request, slug, _plan_wording)


def _asked(view: Resource, request: Request, slug: str, plan: Any) -> Response:
    wanted = dict(view.asked(request))

    def start() -> Answer:
        chosen = plan(view, slug, wanted)
        try:
            made = pipeline.trial_ask(actor=view.caller, plan=chosen, budget=millionths(wanted["budget"]))
        except TrialRefused as refused:
            raise Conflict(str(refused)) from None
        place = request.build_absolute_uri(reverse("api:one_rubric_trial", kwargs={"trial_id": made.pk}))
        return Answer(201, dict(view.told(TrialRow, made)), place)

    return answered(request, view.caller, start)


class RubricTrialEstimate(Resource):
    """``rubrics/{slug}/trials/estimate/``"""

    actions = {"POST": "rubrics.edit"}
    says = {"POST": "Estimate what trying a draft costs. Nothing is asked for."}
    takes = {"POST": TrialWanted}
    gives = {"POST": EstimateSaid}
    problems = {"POST": (422,)}

    def post(self, request: Request, slug: str) -> Response:
        """The estimate."""
        plan = _plan_draft(self, slug, dict(self.asked(request)))
        return Response(self.told(EstimateSaid, msgspec.to_builtins(plan.estimate)))


class RubricRewordingEstimate(Resource):
    """``rubrics/{slug}/rewordings/estimate/``"""

    actions = {"POST": "rubrics.edit"}
    says = {"POST": "Estimate what another wording costs. Nothing is asked for."}
    takes = {"POST": WordingWanted}
    gives = {"POST": EstimateSaid}
    problems = {"POST": (422,)}

    def post(self, request: Request, slug: str) -> Response:
        """The estimate."""
        plan = _plan_wording(self, slug, dict(self.asked(request)))
        return Response(self.told(EstimateSaid, msgspec.to_builtins(plan.estimate)))


class OneRubricTrial(Single):
    """``rubric-trials/{id}/``"""

    actions = {"GET": "rubrics.edit"}
    says = {"GET": "Read a trial of a rubric. Of a wording with what a model proposes."}
    gives = {"GET": TrialRow}
    row = selectors.trial_get


class RubricTrialFound(Single):
    """``rubric-trials/{id}/found/``"""

    actions = {"GET": "rubrics.edit"}
    says = {"GET": "Read what a trial of a rubric found. Episode by episode, without those that the caller reviews blind."}
    gives = {"GET": TrialFound}

    def get(self, request: Request, **places: Any) -> Response:
        """What it found so far."""
        trial = found(selectors.trial_get(places["trial_id"]))
        hidden = set(hidden_episodes(self.caller))
        blank = dict.fromkeys(TrialLine().fields)
        if trial.criterion is not None:
            lines = [
                {**blank, "episode": row.case.episode, "settled": row.case.value, "value": row.value, "settles": row.settles}
                for row in selectors.settled_by(trial, hidden=hidden)
            ]
        else:
            lines = [
                {
                    **blank,
                    "episode": line.episode.pk,
                    "overall_before": line.old.overall,
                    "overall_after": line.new.overall,
                    "passed_before": line.old.passed,
                    "passed_after": line.new.passed,
                }
                for line in selectors.tried_by(trial, hidden=hidden)
            ]
        return Response(self.told(TrialFound, {"lines": lines}))


class MovingTrial(Moving):
    """A trial that is moved."""

    actions = {"POST": "rubrics.edit"}
    gives = {"POST": TrialRow}
    row = selectors.trial_get
    refusals = (TrialRefused, RubricRefused)


class CancelRubricTrial(MovingTrial):
    """``rubric-trials/{id}/cancel/``"""

    says = {"POST": "End a trial early. What was answered stays."}

    def move(self, thing: RubricTrial, asked: Mapping[str, Any]) -> None:
        """End it."""
        pipeline.cancel(actor=self.caller, trial=thing)


class ResumeRubricTrial(MovingTrial):
    """``rubric-trials/{id}/resume/``"""

    says = {"POST": "Let a trial go on that stood still. With a larger budget, where that was used up."}
    takes = {"POST": Budget}

    def move(self, thing: RubricTrial, asked: Mapping[str, Any]) -> None:
        """Let it go on."""
        pipeline.resume(actor=self.caller, trial=thing, budget=millionths(asked["budget"]))


class AcceptRewording(MovingTrial):
    """``rubric-trials/{id}/accept/``"""

    says = {"POST": "Accept the wording of a trial into the rubric's draft. Nothing is published by that."}

    def move(self, thing: RubricTrial, asked: Mapping[str, Any]) -> None:
        """Accept it."""
        accept(actor=self.caller, trial=thing)


RUBRIC_TRIALS: tuple[tuple[str, type[Any]], ...] = (
    ("rubrics/<slug:slug>/trials/", RubricTrials),
    ("rubrics/<slug:slug>/trials/estimate/", RubricTrialEstimate),
    ("rubrics/<slug:slug>/rewordings/", RubricRewordings),
    ("rubrics/<slug:slug>/rewordings/estimate/", RubricRewordingEstimate),
    ("rubric-trials/<id:trial_id>/", OneRubricTrial),
    ("rubric-trials/<id:trial_id>/found/", RubricTrialFound),
    ("rubric-trials/<id:trial_id>/cancel/", CancelRubricTrial),
    ("rubric-trials/<id:trial_id>/resume/", ResumeRubricTrial),
    ("rubric-trials/<id:trial_id>/accept/", AcceptRewording),
)
"""Paths below ``/api/v1/`` and their views."""
