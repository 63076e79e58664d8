"""The starter packs as a fake simulator knows them: by their tools, where nobody says which episode a call is about."""

from functools import cache
from pathlib import Path

from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.adapters.starter_files import pack_files
from synthesis.engine.packs.model import Pack
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.world.machine import Machine

_MACHINES: dict[str, Machine] = {}


def pack_of(tool: str, tables: frozenset[str]) -> Pack | None:
    """The starter pack with a tool of this name and all these tables, or None."""
    for file, text in _texts().items():
        if f"- name: {tool}\n" in text:
            pack = _read(file)
            if tool in pack.tools and tables <= set(pack.tables):
                return pack
    return None


@cache
def _texts() -> dict[Path, str]:
    return {file: file.read_text("utf-8") for file in pack_files()}


@cache
def _read(file: Path) -> Pack:
    return parse_pack(file.read_text("utf-8"))


def machine_of(pack: Pack) -> Machine:
    """The machine of a pack, made once."""
    if pack.digest not in _MACHINES:
        _MACHINES[pack.digest] = Machine(pack, StarlarkInterpreter())
    return _MACHINES[pack.digest]
