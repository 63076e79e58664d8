"""OpenAI chat format: messages with the system prompt, tool calls whose arguments are JSON text, and the offered tools.

The last message is the assistant's: a farewell of the user that nobody answers teaches nothing, and fine-tuning endpoints refuse it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from judging.engine.formats.canonical import CanonicalMessage
from judging.engine.formats.record import Record
from synthesis.engine.packs.function_tools import function_tool
from synthesis.engine.packs.model import Tool


def row(record: Record) -> dict[str, Any]:
    """One row: ``{messages, tools, parallel_tool_calls}``."""
    return chat(record.messages, record.system, record.tools)


def chat(said: Sequence[CanonicalMessage], system: str, tools: Mapping[str, Tool]) -> dict[str, Any]:
    """A conversation in this form, judged or not; ``tools`` by offered name."""
    spoken = list(said)
    while spoken and spoken[-1].role == "user":
        spoken.pop()
    parallel = any(len(message.calls) > 1 for message in spoken)
    messages = [{"role": "system", "content": system}, *(_message(message) for message in spoken)]
    return {"messages": messages, "tools": [function_tool(name, tool) for name, tool in tools.items()], "parallel_tool_calls": parallel}


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
