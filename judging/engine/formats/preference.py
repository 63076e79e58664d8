"""Preference pairs as TRL's trainers load them: a shared conversation as ``prompt``, then one turn of the assistant on each side.

Arguments are objects, since most chat templates write them as JSON themselves (docs/formats.md). A kept episode gives a row for each good
pair in which it is the better play, so many give none.
"""

from collections.abc import Iterator
from typing import Any

from judging.engine.formats.canonical import CanonicalMessage
from judging.engine.formats.record import Record
from synthesis.engine.packs.function_tools import function_tool


def rows(record: Record) -> Iterator[dict[str, Any]]:
    """The rows of one kept episode: ``{prompt, chosen, rejected, tools}``."""
    tools = [function_tool(name, tool) for name, tool in record.tools.items()]
    for pair in record.pairs:
        yield {
            "prompt": [{"role": "system", "content": record.system}, *map(_message, pair.prompt)],
            "chosen": [_message(pair.chosen)],
            "rejected": [_message(pair.rejected)],
            "tools": tools,
        }


def _message(message: CanonicalMessage) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.call_id:
        plain["tool_call_id"] = message.call_id
    if message.calls:
        plain["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in message.calls
        ]
    return plain
