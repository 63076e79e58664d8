"""What every file keeps to: a docstring, a sensible size, no trace of the machine it was written on, READMEs that are true."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.architecture.tree import ROOMS, ROOT, modules, room_modules, texts

MACHINE = re.compile("|".join(("/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/", "/o" + "pt/", "/tm" + "p/bash")))
README = (ROOT / "README.md").read_text(encoding="utf-8") if (ROOT / "README.md").exists() else ""


def functions(module: ast.Module) -> list[int]:
    """Lengths of all functions in lines."""
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_every_module_has_a_docstring() -> None:
    assert [str(path) for path, module in modules() if "migrations" not in path.parts and not ast.get_docstring(module)] == []


def test_no_machine_paths() -> None:
    found = [f"{path}: {match[0]}" for path, text in texts() if (match := MACHINE.search(text))]
    assert found == []


def test_files_stay_readable() -> None:
    sizes = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path, _ in room_modules()}
    long = {str(path): size for path, size in sizes.items() if size > 350}
    assert len(long) <= len(sizes) * 0.05, f"files above 350 lines: {long}"
    assert statistics.median(size for size in sizes.values() if size > 5) <= 130


def test_functions_stay_short() -> None:
    lengths = [length for _, module in room_modules() for length in functions(module)]
    long = sum(length > 40 for length in lengths)
    assert statistics.median(lengths) <= 12
    assert long <= len(lengths) * 0.02, f"{long} of {len(lengths)} functions are longer than 40 lines"


@pytest.mark.parametrize("room", [*ROOMS, "tests", "docker", "docs/decisions"])
def test_rooms_say_what_they_are(room: str) -> None:
    assert 3 <= len((ROOT / room / "README.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_readme_begins_with_the_two_commands() -> None:
    lines = README.splitlines()
    assert len(lines) <= 150
    block = README.split("```")[1]
    assert block.splitlines()[1].startswith("./bin/studio")
    assert "./bin/test" in block
    assert lines.index("```bash") < 15


def commands(text: str) -> set[tuple[str, ...]]:
    """The ``./bin/...`` commands of a text, as words."""
    return {tuple(line.split("#")[0].split()) for line in re.findall(r"\./bin/[^`\n]*", text)}


def documents() -> list[Path]:
    """Pages whose commands must exist."""
    return [path for path, _ in texts() if path.suffix == ".md"]


COMMANDS = set(re.findall(r"^  ([a-z][a-z-]*)  ", (ROOT / "bin/studio").read_text(encoding="utf-8"), re.MULTILINE))
"""What ``./bin/studio`` can be told, by its own help."""


def test_the_help_of_the_studio_is_read() -> None:
    assert {"synthesize", "manage", "setup", "help", "fake-model"} <= COMMANDS
    refused = (ROOT / "bin/studio").read_text(encoding="utf-8").split('"" | -* |')[1].split(")")[0]
    assert {word.strip() for word in refused.split("|")} == COMMANDS - {"help"}


@pytest.mark.parametrize("page", documents(), ids=str)
def test_commands_exist(page: Path) -> None:
    known = get_commands()
    for words in commands((ROOT / page).read_text(encoding="utf-8")):
        assert words[0] in {"./bin/studio", "./bin/test"}, words
        if words[0] == "./bin/test" or len(words) == 1:
            continue
        assert words[1] in COMMANDS, words
        name = words[2] if words[1] == "manage" and len(words) > 2 else words[1]
        if name in {"setup", "help", "manage"} or not re.fullmatch(r"[a-z_]+", name):
            continue
        assert name in known, words
        options = load_command_class(known[name], name).create_parser("manage.py", name)._option_string_actions
        assert {word.split("=")[0].rstrip("],") for word in words if word.startswith(("--", "[--"))} - {f"[{o}" for o in options} <= set(
            options
        )


@pytest.mark.parametrize("page", documents(), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [
        target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target and not target.startswith("#")
    ]
    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


def test_scripts_can_be_run() -> None:
    for script in ("bin/studio", "bin/test", ".ci/run", "manage.py"):
        assert (ROOT / script).stat().st_mode & 0o111, script
    for script in ("bin/studio", "bin/test", "bin/find_python.sh", ".ci/run"):
        assert subprocess.run(["bash", "-n", str(ROOT / script)]).returncode == 0, script
