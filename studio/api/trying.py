"""Trying a tool: calls in a seeded world that nobody keeps."""

from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.problems import Conflict, Unworkable
from studio.api.resource import Resource, found
from studio.pipelines import trials
from studio.pipelines.trials import TrialRefused
from synthesis.selectors import lists
from synthesis.services.desk import DeskBusy, DeskTrouble

MOST_BEFORE = 20


class MadeBefore(serializers.Serializer[Any]):
    """A call that comes before."""

    tool = serializers.CharField(max_length=80)
    arguments = serializers.DictField()


class ToolTry(serializers.Serializer[Any]):
    """A call to make."""

    arguments = serializers.DictField(help_text="What does not fit the schema comes back as an error, as an agent would get it.")
    seed = serializers.IntegerField(min_value=0, max_value=2**31, required=False, help_text="Of the world; its first by default.")
    before = serializers.ListField(
        child=MadeBefore(), required=False, default=list, max_length=MOST_BEFORE, help_text="Calls of this domain's tools to make first."
    )


class ToolOutcome(serializers.Serializer[Any]):
    """What one call did."""

    result = serializers.JSONField(help_text="Null when it failed.")
    error = serializers.DictField(allow_null=True, help_text="{code, message}")
    faults = serializers.ListField(child=serializers.DictField(), help_text="Where the arguments do not fit: [{place, message}].")
    broken = serializers.ListField(child=serializers.DictField(), help_text="Policy checks it breaks: [{check, rule, reason}].")
    delta = serializers.ListField(child=serializers.DictField(), help_text="Rows it changed: [{table, key, before, after}].")
    digest = serializers.CharField(help_text="Of the state after it.")
    milliseconds = serializers.FloatField()


class ToolTried(serializers.Serializer[Any]):
    """What came of it."""

    seed = serializers.IntegerField()
    outcomes = serializers.ListField(child=ToolOutcome(), help_text="Of the calls before and of this one, in order.")


class CallTool(Resource):
    """``tools/{id}/call/``"""

    actions = {"POST": "catalogue.try"}
    says = {
        "POST": "Try a tool. Calls are made in a fresh copy of a seeded world; nothing is kept, the same request gives the same answer."
    }
    takes = {"POST": ToolTry}
    gives = {"POST": ToolTried}
    problems = {"POST": (409, 422)}

    def post(self, request: Request, tool_id: int) -> Response:
        """Make the calls."""
        row = found(lists.tool(tool_id))
        wanted = self.asked(request)
        place = found(trials.place_of(row.release.domain, str(row.release.number), wanted.get("seed")))
        calls = [(call["tool"], call["arguments"]) for call in wanted["before"]] + [(row.name, wanted["arguments"])]
        try:
            outcomes = trials.trial_script(place, calls)
        except TrialRefused as refused:
            raise Unworkable({"arguments": [str(refused)]}) from refused
        except DeskBusy as busy:
            raise Conflict(trials.trouble_of(busy)) from busy
        except DeskTrouble as trouble:
            raise Unworkable({"arguments": [trials.trouble_of(trouble)]}) from trouble
        return Response({"seed": place.seed, "outcomes": msgspec.to_builtins(outcomes)})


TRYING: tuple[tuple[str, type[Any]], ...] = (("tools/<id:tool_id>/call/", CallTool),)
"""Paths below ``/api/v1/`` and their views."""
