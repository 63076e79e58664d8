"""The question to a simulator: the tool in the system prompt, the call and all that bears on it as JSON after it."""

from typing import Any

import msgspec

from synthesis.engine.chat.model import ChatRequest, ReplySchema
from synthesis.engine.episode.views import View
from synthesis.engine.packs.function_tools import plain_schema
from synthesis.engine.packs.model import Tool
from synthesis.engine.participants.prompts import Prompt
from synthesis.engine.simulation.answers import answer_schema

MOST_TOKENS = 4096


def question(prompt: Prompt, view: View) -> ChatRequest:
    """What a simulator is asked for one call."""
    system = prompt.filled(
        {
            "name": view.tool.name,
            "description": view.tool.description.strip(),
            "effect": EFFECTS[view.tool.effect],
            "domain": view.domain.replace("_", " "),
            "parameters": _json(plain_schema(view.tool.parameters)),
            "returns": _json(plain_schema(view.tool.returns)),
            "errors": errors_of(view.tool),
        }
    )
    messages = [{"role": "system", "content": system}, {"role": "user", "content": _json(view.document())}]
    return ChatRequest(
        "tool", messages, answer=ReplySchema("tool_answer", answer_schema(view.tool)), max_tokens=MOST_TOKENS, prompt=prompt.digest
    )


EFFECTS = {"read": "It reads: it changes nothing.", "write": "It writes: it may change rows of the tables marked writable."}


def errors_of(tool: Tool) -> str:
    """The declared errors, a line each."""
    lines = [f"- {error.code}: {error.when or 'see the description'}" for error in tool.errors]
    return "\n".join(lines) or "- none: the call always succeeds"


def asked_again(request: ChatRequest, said: str, problem: str) -> ChatRequest:
    """The same question after an answer that cannot be used."""
    turn: list[dict[str, Any]] = [{"role": "assistant", "content": said}] if said else []
    words = f"That answer cannot be used. {problem} Answer the same call again."
    return msgspec.structs.replace(request, messages=[*request.messages, *turn, {"role": "user", "content": words}])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
