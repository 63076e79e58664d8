"""What is shown to whoever answers a call in a program's place."""

from typing import Any

import msgspec

from synthesis.engine.packs.model import Tool


class TableView(msgspec.Struct, frozen=True):
    """Some rows of a table. ``total`` counts all; ``writable``: its rows may be changed; ``free_keys`` are for new rows, in this order."""

    key: str
    columns: dict[str, Any]
    total: int
    rows: list[dict[str, Any]]
    writable: bool = False
    free_keys: list[str] = []


class View(msgspec.Struct, frozen=True):
    """One call as its simulator sees it. ``earlier`` are ``{tool, arguments, result | error}`` of this episode, oldest first."""

    domain: str
    tool: Tool
    arguments: dict[str, Any]
    now: str
    tables: dict[str, TableView]
    notes: list[str]
    earlier: list[dict[str, Any]]

    def document(self) -> dict[str, Any]:
        """All but the tool, for the question."""
        return {
            "call": {"tool": self.tool.name, "arguments": self.arguments},
            "now": self.now,
            "tables": msgspec.to_builtins(self.tables),
            "notes": self.notes,
            "earlier": self.earlier,
        }
