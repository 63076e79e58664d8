"""The page of a tool as its form posts it: read, put into the other view, and problems put into words."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from synthesis.engine.packs import tool_form
from synthesis.engine.packs.tool_form import ErrorRow, Fields, ParameterRow
from synthesis.engine.packs.tool_from_form import Problem, read_json, tool_of, tool_of_document

MOST_ROWS = 200
WORDS: dict[str, str | Promise] = {
    "name": gettext_lazy("Use small letters, digits and underscores, beginning with a letter."),
    "repeated": gettext_lazy("This name occurs twice. Give each its own."),
    "enum": gettext_lazy("Give numbers between commas, as the type says."),
    "json": gettext_lazy("This is not JSON: %(detail)s."),
    "object": gettext_lazy('Write a JSON object, such as {"type": "string"}.'),
    "empty": gettext_lazy("Write the tool as a JSON object."),
}


@dataclass(frozen=True)
class Posted:
    """What the page of a tool shows.

    ``base`` is the document that the view was drawn from, ``view`` "form" or "document"; ``fields`` belong to the one, ``document`` and
    ``program`` to the other. ``to``: what to show next, "" to save.
    """

    base: dict[str, Any]
    view: str
    fields: Fields | None = None
    document: str = ""
    program: str = ""
    to: str = ""
    fits: bool = True

    @classmethod
    def of(cls, tool: dict[str, Any], view: str) -> "Posted":
        """A tool in a view; what the form cannot show comes as a document."""
        fits = tool_form.fits(tool)
        if view == "form" and fits:
            return cls(tool, "form", _with_blank(tool_form.fields_of(tool)))
        return cls(tool, "document", None, tool_form.document_of(tool), str(tool.get("program", "")), fits=fits)

    @property
    def base_text(self) -> str:
        """The base as the hidden field carries it."""
        return tool_form.shown(self.base)

    def tool(self) -> dict[str, Any]:
        """The tool that is meant. Raises Wrong."""
        return tool_of(self.base, self.fields) if self.fields else tool_of_document(self.document, self.program)

    def switched(self, tool: dict[str, Any]) -> "Posted":
        """The view that was asked for, with nothing saved and nothing lost."""
        return Posted.of(tool, "document" if self.to == "document" else "form")


def _with_blank(fields: Fields) -> Fields:
    """The fields with an empty row for one more parameter and one more error."""
    rows = [*fields.parameters, ParameterRow(kind='"string"')]
    return msgspec.structs.replace(fields, parameters=rows, errors=[*fields.errors, ErrorRow()])


def posted(data: QueryDict) -> Posted:
    """What came. A base that somebody made up counts as an empty tool."""
    try:
        base = read_json(data.get("base", ""))
    except ValueError:
        base = None
    base = base if isinstance(base, dict) and tool_form.fits(base) else dict(tool_form.LEAST)
    state = Posted(base, data.get("view", "form"), to=data.get("to", ""))
    if state.view == "document":
        program = _lines(data.get("program", ""))
        return replace(state, document=data.get("document", ""), program=program, fits=tool_form.fits(base))
    return replace(state, view="form", fields=_fields(data, base))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _fields(data: QueryDict, base: dict[str, Any]) -> Fields:
    before = {row.was: row for row in tool_form.fields_of(base).parameters}
    return Fields(
        name=data.get("name", "").strip(),
        description=_lines(data.get("description", "")),
        effect=data.get("effect", ""),
        confirm="confirm" in data,
        only_these="only_these" in data,
        parameters=[_parameter(data, f"p-{i}", before) for i in range(_count(data, "parameters"))],
        returns=data.get("returns", ""),
        errors=[_error(data, f"e-{i}") for i in range(_count(data, "errors"))],
        program=_lines(data.get("program", "")),
        kind=data.get("kind", "program") if data.get("kind") in tool_form.KINDS else "program",
        reads=data.get("reads", ""),
        writes=data.get("writes", ""),
        side=data.get("side", "agent") if data.get("side") in tool_form.SIDES else "agent",
    )


def _count(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    return min(int(text), MOST_ROWS) if text.isdecimal() and len(text) < 6 else 0


def _parameter(data: QueryDict, place: str, before: dict[str, ParameterRow]) -> ParameterRow:
    was = data.get(f"{place}-was", "")
    old = before.get(was, ParameterRow())
    kind = data.get(f"{place}-kind", "")
    return ParameterRow(
        was=was if was in before else "",
        name=data.get(f"{place}-name", "").strip(),
        kind=kind if kind in dict(kinds(old.kind)) else old.kind,
        required=f"{place}-required" in data,
        enum=data.get(f"{place}-enum", ""),
        description=data.get(f"{place}-description", ""),
        ref=data.get(f"{place}-ref", "").strip(),
        remove=f"{place}-remove" in data,
        kept=old.kept,
        enum_fixed=old.enum_fixed,
    )


def _error(data: QueryDict, place: str) -> ErrorRow:
    position = data.get(f"{place}-position", "")
    return ErrorRow(
        position=int(position) if position.isdecimal() and len(position) < 6 else -1,
        code=data.get(f"{place}-code", "").strip(),
        when=data.get(f"{place}-when", ""),
        example=data.get(f"{place}-example", ""),
        remove=f"{place}-remove" in data,
    )


def kinds(own: str) -> list[tuple[str, str]]:
    """Types to choose from, as JSON text, and one more that a parameter has already."""
    simple = [("", "–"), *((tool_form.shown(name), name) for name in tool_form.TYPES)]
    return simple if own in dict(simple) else [*simple, (own, own)]


def problems_of(problems: list[Problem]) -> dict[str, str]:
    """Sentences by field."""
    return {problem.field: str(WORDS[problem.kind]) % {"detail": problem.detail} for problem in problems}
