"""Doors hold no rules: no ORM and no transactions in pages, REST, sockets, tasks and commands."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import modules

DOORS = frozenset({"web", "api", "live", "workers", "management", "admin"})


def trespasses(module: ast.Module) -> Iterator[str]:
    """What a door must not do, with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "atomic", "on_commit"}:
            yield f"line {node.lineno}: .{node.attr}"
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"save", "bulk_create", "bulk_update"}
        ):
            yield f"line {node.lineno}: .{node.func.attr}("
        elif isinstance(node, ast.ImportFrom) and node.module in {"django.db", "django.db.transaction"}:
            yield f"line {node.lineno}: from {node.module}"


def test_doors_knock() -> None:
    doors = [(path, module) for path, module in modules() if path.parts[0] == "studio" and len(path.parts) > 2 and path.parts[1] in DOORS]
    assert doors
    assert {str(path): found for path, module in doors if (found := list(trespasses(module)))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "Run.objects.get(pk=1)",
        "run.save()",
        "from django.db import transaction",
        "with transaction.atomic(): pass",
        "transaction.on_commit(print)",
    ],
)
def test_a_trespass_would_be_noticed(line: str) -> None:
    assert list(trespasses(ast.parse(line)))
