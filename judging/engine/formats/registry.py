"""All export formats. To add one: a module with a pure ``row(record)``, an entry here, and a test that loads its rows with that format's
real consumer.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from judging.engine.formats import openai, trajectories
from judging.engine.formats.record import Record


class Format(msgspec.Struct, frozen=True):
    """A format: its name, the name of its file, what it is in one line, and its writer."""

    name: str
    file: str
    description: str
    row: Callable[[Record], dict[str, Any]]

    def line(self, record: Record) -> bytes:
        """One line of the file, with its newline. UTF-8, keys in the writer's order."""
        return msgspec.json.encode(self.row(record)) + b"\n"


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("openai", "openai.jsonl", "OpenAI chat messages with tools", openai.row),
        Format("trajectories", "trajectories.jsonl", "whole trajectories with provenance and judgement", trajectories.row),
    )
}
