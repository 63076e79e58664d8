"""OpenAI chat format: messages with the system prompt, tool calls whose arguments are JSON text, and the offered tools.

The last message is the assistant's: a farewell of the user that nobody answers teaches nothing, and fine-tuning endpoints refuse it.
"""

from typing import Any

import msgspec

from judging.engine.formats.canonical import CanonicalMessage
from judging.engine.formats.record import Record
from synthesis.engine.packs.function_tools import function_tool


def row(record: Record) -> dict[str, Any]:
    """One row: ``{messages, tools, parallel_tool_calls}``."""
    spoken = list(record.messages)
    while spoken and spoken[-1].role == "user":
        spoken.pop()
    parallel = any(len(message.calls) > 1 for message in spoken)
    messages = [{"role": "system", "content": record.system}, *(_message(message) for message in spoken)]
    return {
        "messages": messages,
        "tools": [function_tool(name, tool) for name, tool in record.tools.items()],
        "parallel_tool_calls": parallel,
    }


def _message(message: CanonicalMessage) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        plain["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": msgspec.json.encode(call.arguments).decode()}}
            for call in message.calls
        ]
    return plain
