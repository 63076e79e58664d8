"""Episodes, their logs, and the conversations that the logs hold."""

from typing import Any, get_args

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from judging.selectors.transcripts import transcript
from studio.access.blindness import seen_in
from studio.api.catalogue import slug
from studio.api.pages import PageQuery
from studio.api.resource import Listing, Single, found
from studio.pipelines.model_names import failure_seen, payload_seen, seats_seen, tells
from synthesis.engine.episode.events import Kind
from synthesis.engine.scenarios.scenario import VARIATIONS
from synthesis.models import Episode, EpisodeStatus, Event
from synthesis.selectors import lists
from synthesis.services.seats import models_of


class EpisodeRow(serializers.ModelSerializer[Episode]):
    """An episode."""

    scenario = serializers.CharField(source="scenario_id", allow_null=True, help_text="Its digest; null before it was generated.")
    run = serializers.IntegerField(source="run_id")
    events = serializers.IntegerField(source="next_seq", help_text="Length of its log.")
    failure = serializers.JSONField(help_text="Why it was never played to its end: {kind, detail, reasons}; or null.")

    class Meta:
        model = Episode
        fields = (
            "id", "run", "index", "status", "domain", "variation", "scenario", "seed", "events", "turns", "calls", "tokens", "cost",
            "attempts", "outcome", "digest", "failure", "started", "finished",
        )  # fmt: skip

    def to_representation(self, instance: Episode) -> dict[str, Any]:
        """As this caller may see it."""
        row = super().to_representation(instance)
        if row["failure"] or models_of((row.get("cast") or {}).get("seats", {})):
            names = seen_in(self.context).of_run(instance.run_id)
            row["failure"] = failure_seen(row["failure"], names=names)
            if row.get("cast"):
                row["cast"] = {**row["cast"], "seats": seats_seen(row["cast"].get("seats", {}), names=names)}
        return row


class EpisodeWhole(EpisodeRow):
    """An episode with its cast."""

    release = serializers.CharField(source="release.digest")

    class Meta(EpisodeRow.Meta):
        fields = (*EpisodeRow.Meta.fields, "release", "cast")  # type: ignore[assignment]


class EventRow(serializers.ModelSerializer[Event]):
    """One step of a log."""

    class Meta:
        model = Event
        fields = ("seq", "kind", "turn", "call_id", "head", "payload", "created")

    def to_representation(self, instance: Event) -> dict[str, Any]:
        """As this caller may see it."""
        row = super().to_representation(instance)
        if tells(row["payload"]):
            row["payload"] = payload_seen(row["payload"], names=seen_in(self.context).of_episode(instance.episode_id))
        return row


class Message(serializers.Serializer[Any]):
    """A message of a conversation. ``event`` is its number in the log; a tool message answers ``call_id``."""

    role = serializers.ChoiceField(["user", "assistant", "tool"])
    content = serializers.CharField()
    event = serializers.IntegerField()
    calls = serializers.ListField(child=serializers.DictField(), help_text="{id, name, arguments}")
    call_id = serializers.CharField(allow_null=True)
    reasoning = serializers.CharField(allow_null=True)


class Trajectory(serializers.Serializer[Any]):
    """A log, read as a conversation."""

    episode = serializers.IntegerField()
    messages = serializers.ListField(child=Message())
    reason = serializers.CharField(allow_null=True, help_text="How it ended; null while it has not.")
    digest = serializers.CharField(help_text="Digest of the final state.")
    feedback = serializers.JSONField(help_text="What the user said of it; or null.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="What is wrong with the log; empty for a sound one.")


class EpisodeQuery(PageQuery):
    """Filters of episodes."""

    run = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    status = serializers.ChoiceField(EpisodeStatus.choices, required=False)
    domain = slug("Episodes of this domain.")
    variation = serializers.ChoiceField(VARIATIONS, required=False)
    outcome = slug("Episodes that ended so, for instance user_done.")


class EventQuery(PageQuery):
    """Where to begin, and what kind."""

    after = serializers.IntegerField(required=False, min_value=-1, max_value=2**31 - 1, help_text="Only events with a greater `seq`.")
    kind = serializers.ChoiceField(get_args(Kind), required=False)


class Episodes(Listing):
    """``episodes/``"""

    actions = {"GET": "episodes.view"}
    says = {"GET": "List episodes. Newest first, without their casts."}
    query = {"GET": EpisodeQuery}
    gives = {"GET": EpisodeRow}
    rows = lists.episodes


class OneEpisode(Single):
    """``episodes/{id}/``"""

    actions = {"GET": "episodes.view"}
    says = {"GET": "Read an episode. With its cast."}
    gives = {"GET": EpisodeWhole}
    row = lists.episode


class Events(Listing):
    """``episodes/{id}/events/``"""

    actions = {"GET": "episodes.view"}
    says = {"GET": "Read the log of an episode. In order of `seq`; ask again with `after` to follow one that is being played."}
    query = {"GET": EventQuery}
    gives = {"GET": EventRow}
    rows, key = lists.events, "seq"

    def given(self, **places: Any) -> dict[str, Any]:
        """The episode, which must be there."""
        found(lists.episode(places["episode_id"]))
        return places


class OneTrajectory(Single):
    """``episodes/{id}/trajectory/``"""

    actions = {"GET": "episodes.view"}
    says = {"GET": "Read the conversation of an episode. The chat messages that exports start from, with calls and their results paired."}
    gives = {"GET": Trajectory}

    def get(self, request: Request, **places: Any) -> Response:
        """The conversation."""
        return Response(found(transcript(places["episode_id"])))


EPISODES: tuple[tuple[str, type[Any]], ...] = (
    ("episodes/", Episodes),
    ("episodes/<id:episode_id>/", OneEpisode),
    ("episodes/<id:episode_id>/events/", Events),
    ("episodes/<id:episode_id>/trajectory/", OneTrajectory),
)
"""Paths below ``/api/v1/`` and their views."""
