"""Small packs for tests."""

from functools import cache
from pathlib import Path

import yaml

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


@cache
def manual_shed_text() -> str:
    """The text of the tool shed with manuals: one simulated read, which an intent needs, and one simulated write, which none does."""
    parts = yaml.safe_load(Path(__file__).with_name("manuals.yaml").read_text("utf-8"))
    text = tool_shed_text().replace("slug: tool_shed", "slug: manual_shed", 1)
    text = text.replace("\nseed: |", "\n" + indented(parts["tables"]) + "seed: |", 1)
    text = text.replace("\nintents:\n", "\n" + indented(parts["tools"]) + "intents:\n", 1)
    return text.rstrip("\n") + "\n" + indented(parts["intents"])


def indented(text: str) -> str:
    """``text`` one level deeper."""
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


@cache
def manual_shed() -> Pack:
    """The tool shed with manuals."""
    return parse_pack(manual_shed_text())
