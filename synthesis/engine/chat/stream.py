"""A streamed answer, put together again: server-sent events to the completion they spell, so that one set of rules accepts both."""

from typing import Any

import msgspec

from synthesis.engine.chat.errors import Cut, Garbled

DONE = b"[DONE]"


class Assembler:
    """Fed the lines of a stream. ``take`` returns the new text, ``completion`` the whole."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.calls: dict[int, dict[str, Any]] = {}
        self.finish: str | None = None
        self.model = ""
        self.usage: dict[str, Any] | None = None
        self.error: Any = None
        self.done = False

    def take(self, line: bytes) -> str:
        """Take one line without its end; gives the text it brought. Raises Garbled and Cut."""
        if not line.startswith(b"data:"):
            return ""  # comments, event names and blank lines between events
        data = line[5:].strip()
        if data == DONE:
            self.done = True
            return ""
        try:
            chunk = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError):
            raise Cut("a chunk of the stream that is not whole") from None
        if not isinstance(chunk, dict):
            raise Garbled("a chunk of the stream that is no object")
        return self._chunk(chunk)

    def _chunk(self, chunk: dict[str, Any]) -> str:
        self.error = chunk.get("error") or self.error
        self.model = str(chunk.get("model") or self.model)
        self.usage = chunk["usage"] if isinstance(chunk.get("usage"), dict) else self.usage
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return ""  # the last chunk carries usage alone
        choice = choices[0]
        self.finish = choice.get("finish_reason") or self.finish
        delta = choice.get("delta")
        return self._delta(delta) if isinstance(delta, dict) else ""

    def _delta(self, delta: dict[str, Any]) -> str:
        for name in ("reasoning_content", "reasoning", "refusal"):
            if isinstance(delta.get(name), str):
                self.fields.setdefault(name, []).append(delta[name])
        for call in delta.get("tool_calls") or []:
            self._call(call)
        said = delta.get("content")
        if not isinstance(said, str):
            return ""
        self.text.append(said)
        return said

    def _call(self, piece: Any) -> None:
        if not isinstance(piece, dict) or not isinstance(piece.get("function", {}), dict):
            raise Garbled("a piece of a call that is no object")
        # Some endpoints leave the index out when they send each call whole.
        index = piece.get("index", len(self.calls))
        call = self.calls.setdefault(index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        call["id"] = piece.get("id") or call["id"]
        function = piece.get("function") or {}
        call["function"]["name"] += function.get("name") or ""
        call["function"]["arguments"] += function.get("arguments") or ""

    def completion(self) -> dict[str, Any]:
        """The completion that was spelled. Raises Cut when the stream ended before its end."""
        if self.error:
            return {"error": self.error}
        if self.finish is None:
            raise Cut("the stream ended before the answer did")
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self.text)}
        message |= {name: "".join(pieces) for name, pieces in self.fields.items()}
        if self.calls:
            message["tool_calls"] = [self.calls[index] for index in sorted(self.calls)]
        return {"model": self.model, "choices": [{"message": message, "finish_reason": self.finish}], "usage": self.usage}
