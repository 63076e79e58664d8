"""Small packs for tests."""

from functools import cache
from pathlib import Path

from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack


@cache
def tool_shed_text() -> str:
    """The text of a small sound pack."""
    return Path(__file__).with_name("tool_shed.yaml").read_text("utf-8")


@cache
def tool_shed() -> Pack:
    """A small sound pack: members borrow, extend and return tools."""
    return parse_pack(tool_shed_text())
