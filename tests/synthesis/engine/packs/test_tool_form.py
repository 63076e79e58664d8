"""A tool in a form and as a document: two views of one thing, and nothing is lost between them."""

import copy
from typing import Any

import msgspec
import pytest

from synthesis.engine.packs.tool_form import (
    LEAST,
    ErrorRow,
    ParameterRow,
    document_of,
    fields_of,
    fits,
)
from synthesis.engine.packs.tool_from_form import Wrong, tool_of, tool_of_document
from synthesis.engine.packs.yaml_text import load
from tests.builders_runs import PACKS, pack_text

STARTERS = sorted(path.stem for path in PACKS.glob("*.yaml"))
RICH: dict[str, Any] = {
    "name": "rich",
    "x-mine": {"deep": [1, 2.0, None]},
    "description": "First line.\nSecond line.",
    "effect": "write",
    "confirm": False,
    "parameters": {
        "type": "object",
        "title": "All kinds",
        "required": ["plain", "ghost"],
        "additionalProperties": {"type": "string"},
        "patternProperties": {"^x": {"type": "null"}},
        "oneOf": [{"required": ["plain"]}, {"required": ["either"]}],
        "properties": {
            "plain": {"type": "string", "enum": ["a", "b"], "minLength": 1},
            "either": {"oneOf": [{"type": "string"}, {"type": "integer"}], "description": "One or\nthe other"},
            "nullable": {"type": ["string", "null"], "enum": ["a", None]},
            "count": {"type": "integer", "enum": [1, 2]},
            "ratio": {"type": "number", "enum": [1, 2.5]},
            "commas": {"type": "string", "enum": ["a, b", "c"]},
            "spaces": {"type": "string", "enum": [" a", "b"]},
            "anything": True,
            "nested": {"type": "object", "properties": {"inner": {"$ref": "#/x"}}, "ref": 5},
            "empty": {},
        },
    },
    "returns": {"type": "array", "items": {"anyOf": [{"type": "object"}, False]}},
    "errors": [{"code": "gone", "when": "it is", "example": {"a": [1, {"b": None}]}, "note": "kept"}, {"code": "Odd-Code"}],
    "program": "def run(args):\n    return 1\n\n",
}


def same(one: Any, other: Any) -> bool:
    """Equal in value, kind and order."""
    return msgspec.json.encode(one) == msgspec.json.encode(other)


@pytest.mark.parametrize("slug", STARTERS)
def test_every_starter_tool_goes_through_both_views_unchanged(slug: str) -> None:
    for tool in load(pack_text(slug)).data["tools"]:
        assert fits(tool)
        assert same(tool_of(tool, fields_of(tool)), tool)
        assert same(tool_of_document(document_of(tool), tool.get("program", "")), {key: tool[key] for key in tool})


def test_what_the_form_cannot_express_is_shown_and_kept() -> None:
    tool = {**RICH, "errors": RICH["errors"][:1]}
    assert fits(tool)
    fields = fields_of(tool)
    assert same(tool_of(tool, fields), tool)
    rows = {row.name: row for row in fields.parameters}
    assert rows["plain"].kept == '{"minLength": 1}' and rows["plain"].enum == "a, b"
    assert "oneOf" in rows["either"].kept and rows["either"].description == "", "a field of one line would lose the line break"
    assert rows["anything"].kept == "true"
    assert [rows[name].enum_fixed for name in ("nullable", "count", "ratio", "commas", "spaces")] == [True, False, False, True, True]
    rows["plain"].description = "New words"
    rows["count"].enum = "1, 2, 3"
    wanted = copy.deepcopy(tool)
    wanted["parameters"]["properties"]["plain"]["description"] = "New words"
    wanted["parameters"]["properties"]["count"]["enum"] = [1, 2, 3]
    assert same(tool_of(tool, fields), wanted)


def test_parameters_come_go_and_change_their_names() -> None:
    tool = copy.deepcopy(LEAST) | {"name": "t"}
    fields = fields_of(tool)
    fields.parameters = [
        ParameterRow(name="a", kind='"string"', required=True, ref="owners"),
        ParameterRow(name="b", kind='"integer"', enum="1, 2"),
        ParameterRow(kind='"string"'),
    ]
    made = tool_of(tool, fields)
    assert made["parameters"]["properties"] == {"a": {"type": "string", "ref": "owners"}, "b": {"type": "integer", "enum": [1, 2]}}
    assert made["parameters"]["required"] == ["a"]
    fields = fields_of(made)
    fields.parameters[0].name = "c"
    fields.parameters[1].remove = True
    again = tool_of(made, fields)
    assert again["parameters"]["properties"] == {"c": {"type": "string", "ref": "owners"}}
    assert again["parameters"]["required"] == ["c"]


@pytest.mark.parametrize(
    ("change", "field", "kind"),
    [
        (lambda f: setattr(f, "name", "Bad Name"), "name", "name"),
        (lambda f: setattr(f, "returns", "{"), "returns", "json"),
        (lambda f: setattr(f, "returns", "[1]"), "returns", "object"),
        (lambda f: setattr(f, "returns", '{"a": NaN}'), "returns", "json"),
        (lambda f: setattr(f, "returns", "[" * 100_000), "returns", "json"),
        (lambda f: f.parameters.append(ParameterRow(name="", description="x")), "p-0-name", "name"),
        (lambda f: f.parameters.extend([ParameterRow(name="a", kind='"string"')] * 2), "p-1-name", "repeated"),
        (lambda f: f.parameters.append(ParameterRow(name="a", kind='"integer"', enum="one")), "p-0-enum", "enum"),
        (lambda f: f.errors.append(ErrorRow(code="x", example="nope")), "e-0-example", "json"),
        (lambda f: f.errors.extend([ErrorRow(code="x")] * 2), "e-1-code", "repeated"),
    ],
    ids=range(10),
)
def test_what_is_wrong_is_told_by_field(change: Any, field: str, kind: str) -> None:
    tool = copy.deepcopy(LEAST) | {"name": "t"}
    fields = fields_of(tool)
    change(fields)
    with pytest.raises(Wrong) as wrong:
        tool_of(tool, fields)
    assert [(problem.field, problem.kind) for problem in wrong.value.problems] == [(field, kind)]


@pytest.mark.parametrize(
    "tool",
    [
        {"name": 5},
        {"name": "x"},
        {"name": "x", "parameters": "none"},
        {"name": "x", "parameters": {"properties": []}},
        {"name": "x", "parameters": {}, "errors": {"a": 1}},
        {"name": "x", "parameters": {}, "errors": ["a"]},
        {"name": "x", "parameters": {}, "confirm": "yes"},
        {"name": "x", "parameters": {"required": True}},
        {"name": "x\ny", "parameters": {}},
    ],
    ids=range(9),
)
def test_tools_that_only_the_document_can_show(tool: dict[str, Any]) -> None:
    assert not fits(tool)
    document_of(tool)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": 5}', '{"name": "Bad"}', "null"])
def test_documents_that_are_no_tool_are_refused(text: str) -> None:
    with pytest.raises(Wrong):
        tool_of_document(text, "")


def test_a_simulated_tool_comes_back_as_it_was_and_a_new_one_loses_the_program_it_began_with() -> None:
    tool = {
        "name": "search", "kind": "simulated", "description": "Search the web.", "effect": "read", "reads": ["pages", "sites"],
        "parameters": {"type": "object"}, "returns": {"type": "array"},
    }  # fmt: skip
    assert fits(tool) and tool_of(tool, fields_of(tool)) == tool
    assert tool_of_document(document_of(tool), "") == tool
    new = msgspec.structs.replace(fields_of(LEAST), name="search", kind="simulated", reads="pages, sites")
    made = tool_of(LEAST, new)
    assert "program" not in made and made["kind"] == "simulated" and made["reads"] == ["pages", "sites"] and "writes" not in made
    written = tool_of(LEAST, msgspec.structs.replace(new, program="def run(args): return 1\n"))
    assert written["program"] == "def run(args): return 1\n", "what somebody wrote is not thrown away; the file tells them"
