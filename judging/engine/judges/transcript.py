"""A trajectory as a judge reads it: numbered entries, and the words of each, for quotes that can be verified."""

import re
from typing import Any

import msgspec

from synthesis.engine.episode.trajectory import Call, Trajectory

LONGEST = 6000
"""Characters of one entry; more is cut in the middle, and said to be."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry: ``event`` number, ``who`` (user, agent; call and result of the agent's, user_call and user_result of the user's own side),
    its text or value."""

    event: int
    who: str
    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] | None = None
    result: Any = None
    error: Any = None


def entries_of(trajectory: Trajectory) -> list[Entry]:
    """The entries in order. Deltas, faults, usage and names of models are left out: the judge sees what the two sides could see."""
    entries: list[Entry] = []
    for message in trajectory.messages:
        if message.text or not message.calls:
            entries.append(Entry(message.seq, message.role, _cut(message.text)))
        made = "user_call" if message.role == "user" else "call"
        entries += [Entry(call.seq, made, tool=call.name, arguments=call.arguments) for call in message.calls]
        entries += [_result(call) for call in message.calls if call.result_seq is not None]
    return entries


def _result(call: Call) -> Entry:
    assert call.outcome is not None
    assert call.result_seq is not None
    who = "user_result" if call.requestor == "user" else "result"
    if call.outcome.error:
        return Entry(call.result_seq, who, tool=call.name, error=msgspec.to_builtins(call.outcome.error))
    value = call.outcome.result
    text = msgspec.json.encode(value).decode()
    return Entry(call.result_seq, who, tool=call.name, result=value if len(text) <= LONGEST else _cut(text))


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]} [... {len(text) - LONGEST} characters left out ...] {text[-half:]}"


class Quotes:
    """Whether words stand where a judge says they stand."""

    def __init__(self, entries: list[Entry]) -> None:
        self.words: dict[int, str] = {}
        self.said = {entry.event: _plain(entry.text) for entry in entries if entry.text}
        for entry in entries:
            own = msgspec.json.encode(entry).decode() + " " + entry.text
            self.words[entry.event] = self.words.get(entry.event, "") + " " + _plain(own)

    def is_all(self, event: int, quote: str) -> bool:
        """Whether ``quote`` is all that was said in event ``event``: a short one proves nothing else."""
        return bool(quote) and self.said.get(event) == _plain(quote)

    def holds(self, event: int, quote: str) -> bool:
        """Whether ``quote`` stands in event ``event``, but for white space, typographic quotes and the escapes of JSON."""
        wanted = _plain(quote)
        return bool(wanted) and wanted in self.words.get(event, "")


_MARKS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_MARKS).replace("\\n", " ").replace('\\"', '"')).strip().strip('"').strip()
