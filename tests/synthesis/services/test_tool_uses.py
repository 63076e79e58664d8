"""Tools are counted once an episode."""

import pytest

from synthesis.engine.episode.tool_calls import ToolCalls
from synthesis.models import Episode, Tool, ToolUse
from synthesis.selectors import registry
from synthesis.services.tool_uses import tool_uses_count
from tests.builders_runs import a_run, install, starter_pack

pytestmark = pytest.mark.django_db

NAME = "find_owner"


def used(calls: int, **errors: int) -> list[ToolCalls]:
    return [ToolCalls(starter_pack("vet_clinic").digest, NAME, calls, errors)]


def test_an_episode_is_counted_once_however_often_it_is_judged() -> None:
    install()
    first, second = Episode.objects.filter(run=a_run(2)).values_list("pk", flat=True)
    assert tool_uses_count(used={first: used(3, not_found=1)}) == 1
    assert tool_uses_count(used={first: used(3, not_found=1), second: used(1, not_found=1)}) == 1
    assert tool_uses_count(used={}) == 0
    tool = Tool.objects.get(name=NAME)
    assert (tool.calls, tool.failures, tool.success_rate) == (4, 2, 0.5)
    assert registry.tool_errors(tool.pk) == [("not_found", 2)]


def test_tools_that_the_registry_does_not_know_are_passed_over() -> None:
    install()
    episode = Episode.objects.filter(run=a_run(1)).values_list("pk", flat=True)[0]
    tool_uses_count(used={episode: [ToolCalls("f" * 64, NAME, 1), ToolCalls(starter_pack("vet_clinic").digest, "gone", 1)]})
    assert not ToolUse.objects.exists()
