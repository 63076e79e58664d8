"""The user's own side in words: how an agent asks for a tool of it, and how one sees that it was asked for, done and told."""

from collections.abc import Mapping
from typing import Any

import msgspec

from synthesis.engine.language import reading
from synthesis.engine.language.recognise import plain
from synthesis.engine.language.values import kind_of, mentions
from synthesis.engine.packs.model import Tool


def in_words(tool: Tool, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Arguments or a result as people say them: in the tool's ``words`` where it has some, else as they are."""
    words = {} if tool.words is msgspec.UNSET else tool.words
    return {name: words.get(name, {}).get(_key(value), {}).get(language, value) for name, value in values.items()}


def _key(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def asks_for(text: str, tool: Tool, language: str) -> bool:
    """Whether ``text`` asks the user to do what ``tool`` does; read in the user's language, and in the one it is written in."""
    return any(reading.asks_to_do(text, tool.lines("asked_as", tongue), tongue) for tongue in {language, reading.language_of(text)})


def tells_of(text: str, tool: Tool, values: Mapping[str, Any], language: str) -> bool:
    """Whether a user's ``text`` says that what ``tool`` does was done. ``values`` are what it should have shown."""
    said = [error.said for error in tool.errors if error.said is not msgspec.UNSET]
    if any(plain(words) in plain(text) for lines in said for words in lines.values()):
        return False
    shown = [value for value in in_words(tool, values, language).values() if isinstance(value, str | int | float)]
    if any(not isinstance(value, bool) and mentions(text, value, kind_of(value)) for value in shown):
        return True
    return reading.mentions_any(text, tool.lines("asked_as", language), language) or reading.reports_done(text)
