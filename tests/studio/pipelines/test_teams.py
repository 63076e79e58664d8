"""Teams in a run: planned, played, counted, shown, and given out as one conversation."""

import asyncio
import json
from typing import Any

import pytest

from judging.selectors.transcripts import openai_chat
from studio.pipelines.run_stage import RunSeats
from studio.pipelines.slice import SliceLimits, SliceWork
from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.engine.participants.wording import starter_wording
from synthesis.models import Episode, Event, Run, ToolUse
from synthesis.services.people import people_install
from tests.builders_runs import a_run, a_slice, install
from tests.fakes.stage import LocalStage

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = SliceLimits(width=8, seconds=60, idle=0.5, lease=30, heartbeat=5, grace=5)


class Stage(LocalStage):
    """Seats of the run over worlds in this process."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.seats: Any = RunSeats({pack.slug: pack for pack in self.packs.values()}, starter_wording())


def test_a_run_of_teams_is_played_and_given_out() -> None:
    install()
    people_install(personas=personas(), profiles=agent_profiles())
    run = a_run(8, options={"teams": 1})
    assert asyncio.run(SliceWork(run_id=run.pk, slice_id=a_slice(run), stage=Stage(run), limits=QUICK).run()) == 8
    assert set(Episode.objects.filter(run=run).values_list("outcome", flat=True)) <= {"user_done", "agent_done"}
    handed = Event.objects.filter(episode__run=run, kind="handoff")
    assert handed.exists() and all({"from", "to", "reason"} <= set(event.payload) for event in handed)
    assert not ToolUse.objects.filter(tool__name__startswith="transfer_to_").exists()
    event = handed.order_by("pk")[0]
    row = openai_chat(event.episode_id)
    assert row
    names = {tool["function"]["name"] for tool in row["tools"]}
    made = [call for message in row["messages"] for call in message.get("tool_calls", [])]
    assert {call["function"]["name"] for call in made} <= names
    [transfer, *_] = [call for call in made if call["function"]["name"].startswith("transfer_to_")]
    answer = next(message for message in row["messages"] if message.get("tool_call_id") == transfer["id"])
    assert json.loads(answer["content"]) == {"transferred_to": event.payload["to"]}
    assert "You speak for a team" in row["messages"][0]["content"]
