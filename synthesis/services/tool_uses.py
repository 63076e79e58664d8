"""Counting how tools are used in episodes."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F

from synthesis.engine.episode.tool_calls import ToolCalls
from synthesis.models import Tool, ToolUse


def tool_uses_count(*, used: Mapping[int, Sequence[ToolCalls]]) -> int:
    """Count the calls of these episodes (by id); returns how many episodes were new. An episode that was counted before is passed over.

    Raises IntegrityError when somebody else counts one of them at this moment: look again.
    """
    if not any(used.values()):
        return 0
    with transaction.atomic():
        known = set(ToolUse.objects.filter(episode_id__in=list(used)).values_list("episode_id", flat=True))
        fresh = {episode: calls for episode, calls in used.items() if episode not in known}
        releases = {entry.release for calls in fresh.values() for entry in calls}
        rows = Tool.objects.filter(release__digest__in=releases).values_list("release__digest", "name", "pk")
        tools = {(digest, name): pk for digest, name, pk in rows}
        uses = [
            ToolUse(tool_id=tools[entry.release, entry.tool], episode_id=episode, calls=entry.calls, errors=entry.errors)
            for episode, calls in fresh.items()
            for entry in calls
            if (entry.release, entry.tool) in tools
        ]
        ToolUse.objects.bulk_create(uses)
        # In order of key: two batches that count the same tools wait for one another instead of locking each other out.
        for tool_id in sorted({use.tool_id for use in uses}):
            mine = [use for use in uses if use.tool_id == tool_id]
            Tool.objects.filter(pk=tool_id).update(
                calls=F("calls") + sum(use.calls for use in mine),
                failures=F("failures") + sum(sum(use.errors.values()) for use in mine),
            )
        return len(fresh)
