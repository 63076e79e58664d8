"""All export formats.

To add one: a module with a pure ``row(record)`` (or ``rows``, for none or several), an entry here, and a test that loads its rows with that
format's real consumer.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from judging.engine.formats import openai, preference, trajectories
from judging.engine.formats.record import Record


class Format(msgspec.Struct, frozen=True):
    """A format: its name, the name of its file, what it is in one line, and its writer."""

    name: str
    file: str
    description: str
    rows: Callable[[Record], Iterable[dict[str, Any]]]

    def lines(self, record: Record) -> Iterator[bytes]:
        """The lines of the file that one kept episode gives, each with its newline. UTF-8, keys in the writer's order."""
        return (msgspec.json.encode(row) + b"\n" for row in self.rows(record))


def one(row: Callable[[Record], dict[str, Any]]) -> Callable[[Record], Iterable[dict[str, Any]]]:
    """A writer that makes one row of each episode."""
    return lambda record: (row(record),)


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("openai", "openai.jsonl", "OpenAI chat messages with tools", one(openai.row)),
        Format("trajectories", "trajectories.jsonl", "whole trajectories with provenance and judgement", one(trajectories.row)),
        Format(
            "preference", "preference.jsonl", "preference pairs: one better and one worse turn after the same conversation", preference.rows
        ),
    )
}
