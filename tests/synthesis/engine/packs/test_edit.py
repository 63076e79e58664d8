"""Editing one part of a pack's text leaves every other byte as it was, and means exactly what was asked for."""

import copy
from typing import Any

import pytest

from synthesis.engine.packs import edit, yaml_write
from synthesis.engine.packs.findings import PackError
from synthesis.engine.packs.parse import parse_pack
from synthesis.engine.packs.yaml_text import load
from tests.builders_runs import PACKS, pack_text
from tests.packs import tool_shed_text

STARTERS = sorted(path.stem for path in PACKS.glob("*.yaml"))


@pytest.mark.parametrize("slug", STARTERS)
def test_a_tool_saved_as_it_is_changes_no_byte(slug: str) -> None:
    text = pack_text(slug)
    for position, tool in enumerate(load(text).data["tools"]):
        assert edit.item_update(text, "tools", position, copy.deepcopy(tool)) == text


@pytest.mark.parametrize("slug", STARTERS)
def test_a_changed_tool_is_the_only_thing_that_changes(slug: str) -> None:
    text = pack_text(slug)
    tools = load(text).data["tools"]
    programs = [place for place, tool in enumerate(tools) if "program" in tool]
    for position in (programs[0], programs[len(programs) // 2], programs[-1]):
        tool: dict[str, Any] = copy.deepcopy(tools[position])
        tool["description"] += " Say: 'yes' # now"
        tool["program"] += "# done\n"
        made = edit.item_update(text, "tools", position, tool)
        lines, before = made.split("\n"), text.split("\n")
        touched = [line for line in lines if line not in before]
        assert len(touched) == 2, touched
        wanted = parse_pack(text).tools
        assert {name for name, found in parse_pack(made).tools.items() if found != wanted[name]} == {tool["name"]}
        again = edit.item_update(made, "tools", position, tools[position])
        assert parse_pack(again).digest == parse_pack(text).digest


@pytest.mark.parametrize("slug", STARTERS)
def test_a_whole_pack_written_anew_reads_the_same(slug: str) -> None:
    data = load(pack_text(slug)).data
    assert load(yaml_write.mapping(data, 0) + "\n").data == data


def test_remarks_stay_where_they_are() -> None:
    text = (
        "# top\na: 1\ntools:\n  # first\n  - name: x  # its name\n    effect: read   # its effect\n    program: |\n      one\n\n"
        "  # second\n  - name: y\n    effect: read\n# end\nlast: 2\n"
    )
    made = edit.item_update(text, "tools", 0, {"name": "z", "effect": "read", "program": "one\ntwo\n"})
    assert made == text.replace("name: x ", "name: z ").replace("      one\n", "      one\n      two\n")
    made = edit.item_remove(text, "tools", 1)
    assert made == text.replace("  - name: y\n    effect: read\n", "")
    made = edit.item_copy(text, "tools", 0, {"name": "w"})
    assert made.count("# its effect") == 2 and [tool["name"] for tool in load(made).data["tools"]] == ["x", "w", "y"]
    made = edit.item_add(text, "tools", {"name": "v", "program": "a\nb\n"})
    assert made.endswith("    effect: read\n  - name: v\n    program: |\n      a\n      b\n# end\nlast: 2\n")


def test_entries_come_and_go() -> None:
    text = "tools:\n  - name: x\n    confirm: true\n    effect: write\n"
    assert edit.item_update(text, "tools", 0, {"name": "x", "effect": "write"}) == text.replace("    confirm: true\n", "")
    made = edit.item_update(text, "tools", 0, {"name": "x", "confirm": True, "effect": "write", "errors": [{"code": "a", "when": "b: c"}]})
    assert made == text + '    errors: [{code: a, when: "b: c"}]\n'


@pytest.mark.parametrize("layout", ["tools: [{name: x, effect: read}, {name: y}]\n", "{tools: [{name: x}, {name: y}]}\n"])
def test_a_layout_that_cannot_be_edited_is_refused(layout: str) -> None:
    with pytest.raises(edit.CannotEdit):
        edit.item_update(layout, "tools", 0, {"name": "z"})


def test_one_line_for_a_tool_becomes_several() -> None:
    made = edit.item_update("tools:\n- {name: x, effect: read}\n- {name: y}\n", "tools", 0, {"name": "x", "program": "a\nb\n"})
    assert load(made).data == {"tools": [{"name": "x", "program": "a\nb\n"}, {"name": "y"}]}


def test_the_last_one_stays() -> None:
    with pytest.raises(edit.CannotEdit, match="needs one"):
        edit.item_remove("tools:\n  - name: x\n", "tools", 0)


def test_facts_of_the_file_are_changed_where_they_stand() -> None:
    text = tool_shed_text()
    made = edit.top_update(text, {"slug": "other", "name": "Other: shed"})
    assert made == text.replace("slug: tool_shed", "slug: other").replace("name: Tool shed\n", 'name: "Other: shed"\n')
    assert edit.top_update(text, {"slug": "tool_shed"}) == text
    assert "related: [{domain: x, kind: sibling}]" in edit.top_update(text, {"related": [{"domain": "x", "kind": "sibling"}]})


def test_broken_text_is_not_edited() -> None:
    with pytest.raises(PackError):
        edit.item_update("tools: [", "tools", 0, {})


@pytest.mark.parametrize(
    "value",
    [
        *("08", "1e5", "no", "12:30", " a", "a ", "a: b", "#x", "- x", "", "\n", "a\n", "a\n\n\n", "  a\nb\n", "a\n   \nb", "a\tb\n\tc\n"),
        *(
            "a\rb\nc",
            "\u2028\n",
            "\x7f",
            "😀 x",
            "{a}",
            "'x",
            "x #y",
            "null",
            "~",
            "-1",
            "+1",
            ".5",
            "%x",
            "@x",
            "`x",
            "a  b",
            "x:",
            "\n\na\n",
        ),
        *(
            "|\n",
            "true",
            "한글 값",
            "&a",
            "*a",
            "!tag",
            "a, b",
            "[x]",
            "? x",
            "=",
            "<<",
            "x\u202ey",
            1,
            1.0,
            1e300,
            -0.5,
            True,
            None,
            [],
            {},
        ),
    ],
)
def test_any_value_is_written_so_that_it_reads_the_same(value: Any) -> None:
    shapes: list[dict[str, Any]] = [{"k": value}, {"k": [value]}, {"k": {"z": [{"y": value}, "x" * 160]}}]
    for data in [*shapes, {str(value): 1}]:
        read = load(yaml_write.mapping(data, 0) + "\n").data
        assert read == data and repr(read) == repr(data)
