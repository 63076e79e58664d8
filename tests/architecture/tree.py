"""The repository as the architecture tests see it: our Python files and our texts, without what is made or fetched."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("studio", "judging", "synthesis")
LEFT_OUT = frozenset({".git", ".venv", "var", "exports", "__pycache__", ".ruff_cache", ".pytest_cache", ".mypy_cache", ".hypothesis"})
TEXTS = frozenset({".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".json", ".star", ".sh", ".ini", ".cfg", ".html", ".css", ".js", ""})


def files(top: Path = ROOT) -> Iterator[Path]:
    """Every file of ours."""
    for path in sorted(top.iterdir()):
        if path.name in LEFT_OUT or path.name.startswith(".coverage"):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


@cache
def texts() -> tuple[tuple[Path, str], ...]:
    """Every text file of ours, by path relative to the repository."""
    return tuple((path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in files() if path.suffix in TEXTS)


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every Python file of ours, parsed."""
    return tuple((path, ast.parse(text, filename=str(path))) for path, text in texts() if path.suffix == ".py")


def room_modules() -> Iterator[tuple[Path, ast.Module]]:
    """The Python files of the three rooms, migrations left out."""
    return ((path, module) for path, module in modules() if path.parts[0] in ROOMS and "migrations" not in path.parts)
