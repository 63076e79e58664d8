"""Programs compile and lint clean: Starlark's own linter, and Python's ``ast`` for what only it can see."""

import ast
from collections.abc import Iterator

from synthesis.engine.audit.report import Findings
from synthesis.engine.world.interpreter import ProgramError, Source
from synthesis.engine.world.machine import Machine

ENTRY = {
    "run": "def run(args):",
    "check": "def check(call, log):",
    "bind": "def bind(given):",
    "seed": "def seed():",
    "holds": "def holds():",
}
ROW_SOURCES = {"get", "one", "find", "first", "pick", "sample"}


def audit_programs(machine: Machine, findings: Findings) -> None:
    """Report programs that do not compile, lack their entry function, or lint badly."""
    if machine.pack.helpers:
        _lint(machine, "helpers", machine.pack.helpers, findings)
    for place, text, entry, _ in machine.programs.every():
        if f"def {entry}(" not in text:
            findings.error(place, f"has no function {entry}.", f"Begin it with '{ENTRY[entry]}'.")
        else:
            _lint(machine, place, text, findings)
    for crash in machine.programs.compile_all():
        findings.error(
            crash.place,
            f"does not compile: {crash.said}",
            "Mend that line; docs/pack-format.md lists what Starlark lacks.",
        )


def _lint(machine: Machine, place: str, text: str, findings: Findings) -> None:
    try:
        for complaint in machine.interpreter.lint(Source(place, text)):
            findings.warning(place, f"line {complaint.line}: {complaint.message}", "Remove or use it.")
    except ProgramError as error:
        findings.error(
            place, f"does not parse: line {error.line}: {error.message}", "Mend that line; docs/pack-format.md lists what Starlark lacks."
        )
        return
    for line, name in edited_rows(text):
        findings.error(
            place, f"line {line}: edits the row {name}, which changes nothing.", "Rows are copies: call update(table, key, {...})."
        )


def edited_rows(text: str) -> Iterator[tuple[int, str]]:
    """``(line, variable)`` of assignments into a row that was fetched, such as ``row["x"] = 1``; nothing for text that is not Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            rows = set(_fetched(function))
            for node in ast.walk(function):
                for target in _targets(node):
                    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id in rows:
                        yield node.lineno, target.value.id  # type: ignore[attr-defined]


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign) else []


def _fetched(function: ast.FunctionDef) -> Iterator[str]:
    """Names bound to what a read gave: by assignment or as a loop variable."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _reads(node.value, {"get", "one", "first", "pick"}):
            yield node.targets[0].id
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and _reads(node.iter, {"find", "sample"}):
            yield node.target.id


def _reads(value: ast.expr, names: set[str]) -> bool:
    if isinstance(value, ast.BoolOp):
        return _reads(value.values[0], names)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in names
