"""Ways in which a written pack can be wrong, one each, with what an audit must say of it. Asked for in the name of the model:
``fake:breaks=crash``; ``fake:breaks=all`` gives every domain the next one.

Each takes the values of a good pack of ``trades`` and spoils them: its tools are find, list, extend, cancel; its intents ask for the next
record, make one longer, cancel one.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

Pack = dict[str, Any]


class Break(NamedTuple):
    """``spoil`` changes a pack; ``place`` and ``says`` are in the finding that tells of it; a fake author ``mends`` it when it is told, or
    never does."""

    spoil: Callable[[Pack], None]
    place: str
    says: str
    mends: bool = True


def undeclared_table(pack: Pack) -> None:
    """A tool reads a table that there is not."""
    tool = pack["tools"][1]
    tool["program"] = tool["program"].replace(f'find("{_record(pack)}s"', 'find("nowhere"')


def crash(pack: Pack) -> None:
    """A program fails on what it is given."""
    _before_return(pack["tools"][2], 'extra = args["nothing"]')


def no_compile(pack: Pack) -> None:
    """A program that is none."""
    pack["tools"][3]["program"] += "      return (\n"


def edited_row(pack: Pack) -> None:
    """A program changes a row in its hands instead of in the table."""
    tool, record = pack["tools"][2], _record(pack)
    get = f'get("{record}s", args["{record}_id"])'
    tool["program"] = f'def run(args):\n    row = {get}\n    row["hours"] = args["hours"]\n    return row\n'


def broken_invariant(pack: Pack) -> None:
    """A write leaves a world that must not be."""
    tool = pack["tools"][3]
    tool["program"] = tool["program"].replace('{"status": "cancelled"}', '{"status": "cancelled", "day": "1999-01-01"}')


def unreached_error(pack: Pack) -> None:
    """An error that no call gives."""
    pack["tools"][1]["errors"] = [{"code": "never_seen", "when": "never"}]


def undeclared_error(pack: Pack) -> None:
    """An error that nobody declared."""
    pack["tools"][2]["errors"] = pack["tools"][2]["errors"][:-1]


def misfit_result(pack: Pack) -> None:
    """A result that is not what the tool promises."""
    pack["tools"][1]["returns"]["items"]["required"] = ["weather"]


def never_binds(pack: Pack) -> None:
    """An intent that finds nothing in any world."""
    pack["intents"][0]["bind"] = "def bind(given):\n    return None\n"


def failing_gold(pack: Pack) -> None:
    """Gold that a tool refuses."""
    pack["intents"][1]["gold"][2]["args"]["hours"] = "{" + _record(pack) + ".hours}"


def unseen_id(pack: Pack) -> None:
    """Gold that knows an id before anybody told it."""
    del pack["intents"][2]["gold"][1]


def gold_against_policy(pack: Pack) -> None:
    """A rule that forbids what the perfect agent does."""
    tool = pack["tools"][1]["name"]
    pack["checks"][f"own_{_record(pack)}s"] = f'def check(call, log):\n    if call["tool"] == "{tool}": return "no lists"\n'


def no_difference(pack: Pack) -> None:
    """A wish that is fulfilled by doing nothing: the tool writes nothing, and what is to be told the user knew."""
    tool, record = pack["tools"][3], _record(pack)
    tool["program"] = (
        f'def run(args):\n    {record} = open_{record}(args["{record}_id"])\n    return {record} | {{"status": "cancelled"}}\n'
    )
    for tool in pack["tools"][2:]:
        # Nothing is ever cancelled now.
        tool["errors"] = [error for error in tool["errors"] if error["code"] != "not_open"]


def duplicate_tool(_pack: Pack) -> None:
    """A tool that another domain has already; ``trades.pack_of`` writes it."""


def bad_schema(pack: Pack) -> None:
    """Parameters that are no JSON Schema."""
    pack["tools"][2]["parameters"]["properties"]["hours"] = {"type": "integr"}


def lost_reference(pack: Pack) -> None:
    """A column that points to nothing."""
    pack["tables"][f"{_record(pack)}s"]["columns"][f"{_place(pack)}_id"]["ref"] = "nowhere"


def broken_seed(pack: Pack) -> None:
    """Worlds that cannot be made."""
    pack["seed"] = pack["seed"].replace(f'find("{pack["caller"]["table"]}")', 'find("nobodies")')


def empty_hole(pack: Pack) -> None:
    """A wording that names what is not there."""
    pack["intents"][0]["phrases"]["en"]["report"][0] += " Gate {" + _place(pack) + ".gate}."


BREAKS = {
    "undeclared_table": Break(undeclared_table, "tools.1.program", "crashed"),
    "crash": Break(crash, "tools.2.program", "crashed"),
    "no_compile": Break(no_compile, "program", "does not parse", mends=False),
    "edited_row": Break(edited_row, "program", "edits the row", mends=False),
    "broken_invariant": Break(broken_invariant, "tools.3.program", "broke an invariant"),
    "unreached_error": Break(unreached_error, "tools.1.errors", "nothing reached the error never_seen"),
    "undeclared_error": Break(undeclared_error, "tools.2.errors", "which is not declared"),
    "misfit_result": Break(misfit_result, "tools.1.returns", "does not fit"),
    "never_binds": Break(never_binds, "intents.0.bind", "binds in 0 of"),
    "failing_gold": Break(failing_gold, "intents.1.gold", "give no scenario"),
    "unseen_id": Break(unseen_id, "intents.2", "nobody has seen"),
    "gold_against_policy": Break(gold_against_policy, "intents.0.gold", "give no scenario"),
    "no_difference": Break(no_difference, "intents", "quarantined"),
    "duplicate_tool": Break(duplicate_tool, "tools.find_member", "near-duplicate"),
    "bad_schema": Break(bad_schema, "tools.2.parameters", "schema", mends=False),
    "lost_reference": Break(lost_reference, "tables.", "nowhere", mends=False),
    "broken_seed": Break(broken_seed, "seed", "fails on world"),
    "empty_hole": Break(empty_hole, "intents.0.phrases.en.report.0", "has no value"),
}


def _record(pack: Pack) -> str:
    return str(list(pack["tables"])[2])[:-1]


def _place(pack: Pack) -> str:
    return str(list(pack["tables"])[1])[:-1]


def _before_return(tool: dict[str, Any], line: str) -> None:
    head, last = tool["program"].rstrip("\n").rsplit("\n", 1)
    tool["program"] = f"{head}\n{last[: len(last) - len(last.lstrip())]}{line}\n{last}\n"
