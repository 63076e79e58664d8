"""Runs: start, try out, read, pause, resume, cancel, try again."""

import secrets
from decimal import Decimal
from typing import Any, ClassVar

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.access.blindness import seen_in
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Listing, Resource, Single, found
from studio.pipelines.launching import Move
from studio.pipelines.model_names import agents_seen, seats_seen, stopped_seen
from studio.pipelines.once import Answer
from studio.pipelines.steer import run_launch, run_move
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Run, RunStatus
from synthesis.selectors import lists, runs
from synthesis.services.runs import RunError
from synthesis.services.seats import MOST_PLAYS, models_of

MOST_EPISODES = 10_000
"""Of one request: the rows of a run are written before the answer, five seconds for so many."""
FIELD_OF = {"--seed": "seed", "--episodes": "episodes", "--slips": "slip_rate", "--threshold": "threshold"}
FIELD_OF |= {"--domains": "domains", "--variations": "variations", "catalogue": "domains", "--languages": "languages"}
FIELD_OF |= {"--personas": "personas", "--agents": "agents", "--user": "user_seat", "--agent": "agent_seat", "--tools": "tools_seat"}
FIELD_OF |= {"--two-domains": "two_domains", "--simulate": "simulate", "--agent-seats": "rivals"}
FIELD_OF |= {"--teams": "teams", "--plays": "plays", "--budget": "budget", "--judges": "judges", "--rubric": "rubric"}
SEAT = "``scripted``, or ``model:`` and the slug of an endpoint"
AGENT_SEAT = f"{SEAT}, or ``profile:`` and the slug of an agent profile as which the scripted agent plays"


class JudgeSaid(serializers.Serializer[Any]):
    """Who judges a run."""

    kind = serializers.CharField(default="programmatic", help_text="programmatic, model or panel.")
    endpoints = serializers.ListField(child=serializers.CharField(), default=list, help_text="Slugs of the endpoints that are asked.")
    rubric = serializers.CharField(default="", help_text="Digest of the rubric version that is answered; empty in runs of old.")
    domains = serializers.DictField(
        child=serializers.CharField(), default=dict, help_text="Digests of the versions that these domains are asked instead."
    )
    scenarios = serializers.DictField(
        child=serializers.CharField(), default=dict, help_text="Digests of the versions that these scenarios are asked instead."
    )


class RunRow(serializers.ModelSerializer[Run]):
    """A run."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Episodes by status; in lists as of the last tick.")
    variations = serializers.ListField(child=serializers.CharField())
    releases = serializers.DictField(child=serializers.CharField(), help_text="Release digests by domain.")
    casting = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Who may be cast, where not everybody."
    )
    seats = serializers.DictField(
        child=serializers.CharField(), help_text="Who plays user, agent and tools; a model is just `model` to whoever reviews blind."
    )
    rivals = serializers.ListField(child=serializers.CharField(), help_text="Further agents that play every scenario, too.")
    prompts = serializers.DictField(
        child=serializers.CharField(), help_text="Digests of the prompts its models are told, by name, as they were when it started."
    )
    stopped = serializers.JSONField(help_text="{kind, party, endpoint, detail}: why it paused by itself; or null.")
    judge = JudgeSaid(help_text="Who judges; `endpoints` is empty for whoever reviews blind.")

    class Meta:
        model = Run
        fields = (
            "id", "status", "seed", "episodes", "counts", "releases", "variations", "casting", "seats", "judge", "slip_rate", "threshold",
            "plays", "rivals", "concurrency", "prompts", "started_by", "stopped", "created", "finished",
        )  # fmt: skip

    def to_representation(self, instance: Run) -> dict[str, Any]:
        """As this caller may see it."""
        row = super().to_representation(instance)
        if not models_of(instance.seats) and not instance.stopped:
            return row
        names = seen_in(self.context).of_run(instance.pk)
        row["rivals"] = agents_seen(instance.agents, names=names)[1:]
        row["seats"] = seats_seen(row["seats"], names=names)
        row["judge"] = row["judge"] if names else {**row["judge"], "endpoints": []}
        row["stopped"] = stopped_seen(row["stopped"], names=names)
        return row


class RunStart(serializers.Serializer[Any]):
    """A run to start."""

    episodes = serializers.IntegerField(min_value=1, max_value=MOST_EPISODES)
    seed = serializers.IntegerField(
        min_value=-(2**63), max_value=2**63 - 1, required=False, help_text="The same seed gives the same rows; drawn when left out."
    )
    domains = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, default=list, max_length=200, help_text="Slugs; all when left out."
    )
    variations = serializers.ListField(
        child=serializers.ChoiceField(VARIATIONS), required=False, default=list, max_length=50, help_text="All when left out."
    )
    slip_rate = serializers.FloatField(
        min_value=0, max_value=1, required=False, default=0.0, help_text="Share of episodes in which the agent makes a chosen mistake."
    )
    teams = serializers.FloatField(
        min_value=0, max_value=1, required=False, default=0.0, help_text="Share of episodes that a team of agents serves."
    )
    two_domains = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        default=0.0,
        help_text="Share of scenarios with a wish in another of the domains, where an agent of its own serves; of those that can have one.",
    )
    threshold = serializers.FloatField(
        min_value=0, max_value=5, required=False, default=4.5, help_text="Least overall quality of a kept row."
    )
    languages = serializers.ListField(
        child=serializers.SlugField(max_length=8), required=False, default=list, max_length=50, help_text="Of personas; all when left out."
    )
    personas = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, default=list, max_length=200, help_text="Slugs; all when left out."
    )
    agents = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        required=False,
        default=list,
        max_length=200,
        help_text="Slugs of profiles, which then play as they stand; when left out, agents are varied from all profiles.",
    )
    user_seat = serializers.CharField(max_length=90, required=False, default="scripted", help_text=f"Who plays the user: {SEAT}.")
    agent_seat = serializers.CharField(max_length=90, required=False, default="scripted", help_text=f"Who plays the agent: {AGENT_SEAT}.")
    tools_seat = serializers.CharField(
        max_length=90, required=False, default="scripted", help_text=f"Who answers for tools that have no program: {SEAT}."
    )
    simulate = serializers.ChoiceField(
        ["", "all"],
        required=False,
        default="",
        help_text="``all``: the model in the tools seat answers for tools that have programs, too.",
    )
    rivals = serializers.ListField(
        child=serializers.CharField(max_length=90),
        required=False,
        default=list,
        max_length=20,
        help_text=f"Further agents that play every scenario, too: each {AGENT_SEAT}.",
    )
    plays = serializers.IntegerField(
        min_value=1,
        max_value=MOST_PLAYS,
        required=False,
        default=1,
        help_text="How often each agent plays each scenario; `episodes` counts all plays and is a multiple of plays times agents.",
    )
    budget = serializers.DecimalField(
        max_digits=15,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        required=False,
        allow_null=True,
        default=None,
        help_text="What all models of the run may cost, in the currency of their endpoints; then it pauses.",
    )
    judges = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        required=False,
        default=list,
        max_length=9,
        help_text="Endpoints that judge beside the checks: none, one model, or several as a panel.",
    )
    rubric = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="Slug of the rubric, of which the newest version is answered, or digest of a version: it is asked of every episode. "
        "Left out, scenarios and domains are asked what is attached to them, others the default one.",
    )
    pilot = serializers.BooleanField(
        required=False, default=False, help_text="Only three episodes, to try out a run of so many with these settings."
    )


class RunQuery(PageQuery):
    """Filters of runs."""

    status = serializers.ChoiceField(RunStatus.choices, required=False)


class Runs(Listing):
    """``runs/``"""

    actions = {"GET": "runs.view", "POST": "runs.start"}
    says = {"GET": "List runs. Newest first.", "POST": "Start a run. Its episodes are planned at once and played by workers."}
    query = {"GET": RunQuery}
    takes = {"POST": RunStart}
    gives = {"GET": RunRow, "POST": RunRow}
    status = {"POST": 201}
    problems = {"POST": (422, 507)}
    keyed = True
    rows = lists.runs

    def post(self, request: Request) -> Response:
        """Start one."""
        wanted = dict(self.asked(request))

        def start() -> Answer:
            seed = wanted.pop("seed", None)
            try:
                run = run_launch(actor=self.caller, seed=secrets.randbelow(2**31) if seed is None else seed, **wanted)
            except RunError as error:
                raise Unworkable({FIELD_OF.get(error.place, error.place): [f"{error.problem}. {error.remedy}"]}) from error
            run.counts = runs.run_counts(run.pk)
            place = request.build_absolute_uri(reverse("api:one_run", kwargs={"run_id": run.pk}))
            return Answer(201, dict(self.told(RunRow, run)), place)

        return answered(request, self.caller, start)


class OneRun(Single):
    """``runs/{id}/``"""

    actions = {"GET": "runs.view"}
    says = {"GET": "Read a run. With its counts as they are now."}
    gives = {"GET": RunRow}

    def get(self, request: Request, **places: Any) -> Response:
        """The run."""
        return Response(self.told(RunRow, run_now(places["run_id"])))


class Steering(Resource):
    """A POST without a body that moves a run and answers with it."""

    move: ClassVar[Move]
    actions = {"POST": "runs.control"}
    gives = {"POST": RunRow}
    problems = {"POST": (409,)}

    def post(self, request: Request, run_id: int) -> Response:
        """Move it."""
        run_now(run_id)
        try:
            run_move(actor=self.caller, run_id=run_id, move=self.move)
        except RunError as error:
            raise Conflict(f"{error.problem}.") from error
        return Response(self.told(RunRow, run_now(run_id)))


class PauseRun(Steering):
    """``runs/{id}/pause/``"""

    move = "pause"
    says = {"POST": "Pause a run. Episodes that are being played stop between two steps and go on from there later."}


class ResumeRun(Steering):
    """``runs/{id}/resume/``"""

    move = "resume"
    says = {"POST": "Resume a run. One that is running stays as it is."}


class CancelRun(Steering):
    """``runs/{id}/cancel/``"""

    move = "cancel"
    says = {"POST": "Cancel a run for good. What has not been played never will be."}


class RequeueRun(Steering):
    """``runs/{id}/requeue/``"""

    move = "requeue"
    says = {"POST": "Try again what failed in a run, and what found no scenario. A finished run is running again then."}


def run_now(run_id: int) -> Run:
    """The run with its counts as they are now. Raises Http404."""
    run: Run = found(runs.run_get(run_id))
    run.counts = runs.run_counts(run_id)
    return run


RUNS: tuple[tuple[str, type[Any]], ...] = (
    ("runs/", Runs),
    ("runs/<id:run_id>/", OneRun),
    ("runs/<id:run_id>/pause/", PauseRun),
    ("runs/<id:run_id>/resume/", ResumeRun),
    ("runs/<id:run_id>/cancel/", CancelRun),
    ("runs/<id:run_id>/requeue/", RequeueRun),
)
"""Paths below ``/api/v1/`` and their views."""
