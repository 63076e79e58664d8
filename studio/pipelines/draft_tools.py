"""Tools of a draft: read from its text, and written into it without touching anything else."""

from typing import Any

from django.contrib.auth.models import User

from studio.pipelines.drafts import draft_edit
from synthesis.engine.packs import edit
from synthesis.engine.packs.findings import Finding, PackError
from synthesis.engine.packs.locate import path_of
from synthesis.engine.packs.tool_form import NAME
from synthesis.engine.packs.yaml_text import load
from synthesis.models import Domain
from synthesis.services.drafts import DraftRefused

SECTION = "tools"
Document = dict[str, Any]


class NameTaken(DraftRefused):
    """Another tool of the draft is called so."""


def draft_tools(domain: Domain) -> list[Document]:
    """The tools of a draft in its order, as far as they have a name that tools may have. Raises DraftRefused for a text that cannot be
    read."""
    return [tool for tool in _listed(domain.pack_text) if isinstance(tool, dict) and NAME.match(str(tool.get("name", "")))]


def draft_tool(domain: Domain, name: str) -> Document | None:
    """One tool of a draft, or None. Raises DraftRefused."""
    return next((tool for tool in draft_tools(domain) if tool["name"] == name), None)


def findings_of_tool(domain: Domain, name: str, findings: list[Finding]) -> list[Finding]:
    """Those of ``findings`` that are about a tool."""
    try:
        data = load(domain.pack_text).data
        position = _position(domain.pack_text, name)
    except (PackError, DraftRefused):
        return []
    return [finding for finding in findings if path_of(finding.place, data)[:2] == (SECTION, position)]


def tool_save(*, actor: User, domain: Domain, version: int, name: str, tool: Document) -> int:
    """Write a tool in place of the one called ``name``; "" adds it. Returns the version. Raises DraftConflict, NameTaken, DraftRefused."""
    if tool["name"] != name and any(other["name"] == tool["name"] for other in draft_tools(domain)):
        raise NameTaken(f"Another tool is called {tool['name']}. Give each its own name.")

    def change(text: str) -> str:
        return edit.item_update(text, SECTION, _position(text, name), tool) if name else edit.item_add(text, SECTION, tool)

    return draft_edit(actor=actor, domain=domain, version=version, change=change, note=f"tool {tool['name']}"[:300])


def tool_copy(*, actor: User, domain: Domain, version: int, name: str) -> str:
    """Put a copy of a tool below it; returns its name. Raises DraftConflict, DraftRefused."""
    taken = {tool["name"] for tool in draft_tools(domain)}
    copied = next(made for number in range(1, len(taken) + 2) if (made := f"{name[:56]}_copy{number if number > 1 else ''}") not in taken)

    def change(text: str) -> str:
        return edit.item_copy(text, SECTION, _position(text, name), {"name": copied})

    draft_edit(actor=actor, domain=domain, version=version, change=change, note=f"tool {copied}"[:300])
    return copied


def tool_remove(*, actor: User, domain: Domain, version: int, name: str) -> None:
    """Take a tool out. Raises DraftConflict, DraftRefused."""

    def change(text: str) -> str:
        return edit.item_remove(text, SECTION, _position(text, name))

    draft_edit(actor=actor, domain=domain, version=version, change=change, note=f"tool {name} removed"[:300])


def _listed(text: str) -> list[Any]:
    try:
        data = load(text).data
    except PackError as error:
        raise DraftRefused(str(error.findings[0])) from None
    tools = data.get(SECTION) if isinstance(data, dict) else None
    return tools if isinstance(tools, list) else []


def _position(text: str, name: str) -> int:
    """Where a tool stands in the list. Raises DraftRefused when it is gone."""
    for position, tool in enumerate(_listed(text)):
        if isinstance(tool, dict) and tool.get("name") == name:
            return position
    raise DraftRefused(f"The draft has no tool {name} any more.")
