"""Repairs: what would be right at a step of an episode, the episode that goes on from a correction, and preference pairs."""

from typing import Any

import msgspec
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.models import PairState, PreferencePair
from judging.selectors import pairs
from studio.access.blindness import hidden_episodes
from studio.api.episodes import EpisodeRow
from studio.api.once import answered
from studio.api.pages import PageQuery
from studio.api.problems import Unworkable
from studio.api.resource import Listing, Resource, found
from studio.pipelines import fixing
from studio.pipelines.once import Answer
from synthesis.engine.participants.fixing import Correction
from synthesis.engine.participants.forking import CannotFork
from synthesis.selectors import endpoints, episodes

LONGEST, MOST_CALLS = 20_000, 20
LARGEST = 2**31 - 1
STEP = "Event number. The message that it goes back to is corrected: itself, the one that made the call, or the last one before it."


class FixCall(serializers.Serializer[Any]):
    """A call of the corrected message."""

    id = serializers.CharField(max_length=200, required=False, help_text="Of a call that is taken over as it was proposed.")
    name = serializers.CharField(max_length=200)
    arguments = serializers.DictField()


class ProposalBody(serializers.Serializer[Any]):
    """What a competent seat would say instead."""

    step = serializers.IntegerField(help_text="Event number of the message to correct.")
    seat = serializers.ChoiceField(["agent", "user"])
    text = serializers.CharField()
    calls = serializers.ListField(child=FixCall())
    done = serializers.BooleanField(help_text="Whether it ends the conversation.")
    tools = serializers.ListField(child=serializers.CharField(), help_text="What the agent can call there.")
    better = serializers.BooleanField(help_text="False: nobody knows what would be right; this is the message as it stands.")


class FixQuery(PageQuery):
    """Where to look."""

    step = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST,
        help_text=f"{STEP} Left out: where the judge saw the first mistake; the end, for whoever may not know that.",
    )


class FixIn(serializers.Serializer[Any]):
    """A correction. Calls are executed like any others."""

    step = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="Event number of the message to correct.")
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST)
    calls = serializers.ListField(child=FixCall(), required=False, default=list, max_length=MOST_CALLS, help_text="Of an agent's message.")
    done = serializers.BooleanField(required=False, default=False, help_text="Whether the message ends the conversation.")
    agent = serializers.CharField(required=False, max_length=100, help_text="Who goes on: `scripted`, `model:` and a slug, or `person`.")
    user = serializers.CharField(required=False, max_length=100, help_text="The same for the user.")


class PairRow(serializers.ModelSerializer[PreferencePair]):
    """Two plays of one scenario, of which one is better."""

    chosen = serializers.IntegerField(source="chosen_id")
    rejected = serializers.IntegerField(source="rejected_id")
    made_by = serializers.CharField(source="made_by.username", default=None, allow_null=True)

    class Meta:
        model = PreferencePair
        fields = ("id", "kind", "state", "reason", "chosen", "rejected", "marked", "at", "made_by", "created")


class PairQuery(PageQuery):
    """Filters of preference pairs."""

    state = serializers.ChoiceField(PairState.choices, required=False)


class PreferencePairs(Listing):
    """``preference-pairs/``"""

    actions = {"GET": "datasets.view"}
    says = {"GET": "List preference pairs. Newest first; not those of episodes that you review blind."}
    query = {"GET": PairQuery}
    gives = {"GET": PairRow}
    rows = pairs.pairs

    def given(self, **places: Any) -> dict[str, Any]:
        """Without episodes that the caller is reviewing blind."""
        return {"without": hidden_episodes(self.caller)}


class FixEpisode(Resource):
    """``episodes/{id}/fix/``"""

    actions = {"GET": "runs.start", "POST": "runs.start"}
    says = {
        "GET": "Propose a correction. Which message of the episode to replace, and what a competent seat would say there; nothing is made.",
        "POST": "Fix an episode from a step. A new episode goes on from the correction; an agent's is noted as a preference pair with it.",
    }
    query = {"GET": FixQuery}
    takes = {"POST": FixIn}
    gives = {"GET": ProposalBody, "POST": EpisodeRow}
    status = {"POST": 201}
    problems = {"GET": (422,), "POST": (422,)}
    keyed = True

    def get(self, request: Request, episode_id: int) -> Response:
        """The proposal."""
        found(episodes.episode_get(episode_id))
        reader = FixQuery(data=request.query_params.dict())
        reader.is_valid(raise_exception=True)
        try:
            said = fixing.propose_to(actor=self.caller, episode_id=episode_id, step=reader.validated_data.get("step"))
        except CannotFork as error:
            raise Unworkable({"step": [str(error)]}) from None
        correction = msgspec.to_builtins(said.correction)
        return Response({"step": said.mistake.seq, "seat": said.mistake.seat, **correction, "tools": said.tools, "better": said.better})

    def post(self, request: Request, episode_id: int) -> Response:
        """The new episode."""
        found(episodes.episode_get(episode_id))
        wanted = dict(self.asked(request))

        def start() -> Answer:
            correction = Correction(wanted["text"], [dict(call) for call in wanted["calls"]], wanted["done"])
            seats = {seat: _player(seat, wanted[seat]) for seat in ("agent", "user") if wanted.get(seat)}
            try:
                made = fixing.fix(actor=self.caller, episode_id=episode_id, seq=wanted["step"], correction=correction, seats=seats)
            except CannotFork as error:
                raise Unworkable({"step": [str(error)]}) from None
            place = request.build_absolute_uri(reverse("api:one_episode", kwargs={"episode_id": made.pk}))
            return Answer(201, dict(self.told(EpisodeRow, made)), place)

        return answered(request, self.caller, start)


def _player(seat: str, name: str) -> str:
    known = ["scripted", "person", *(f"model:{one.slug}" for one in endpoints.for_purpose(seat))]
    if name not in known:
        raise Unworkable({seat: [f"Nobody called {name!r} can go on. There are: {', '.join(known)}."]})
    return name


REPAIRS: tuple[tuple[str, type[Any]], ...] = (
    ("episodes/<id:episode_id>/fix/", FixEpisode),
    ("preference-pairs/", PreferencePairs),
)
"""Paths below ``/api/v1/`` and their views."""
