"""Which Python the scripts choose, and the one sentence when there is none."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bin.conftest import Start

OLD = 'echo "old 3.9"'
BARE = 'echo "bare 3.11"'
BROKEN = "exit 127"
GOOD = f'exec {shlex.quote(sys.executable)} "$@"'


@pytest.mark.parametrize("script", ["studio", "test"])
@pytest.mark.parametrize(
    ("pythons", "says"),
    [
        ({"python3": OLD}, "Python 3.9 is too old: install Python 3.11 or newer"),
        ({"python3": OLD, "python3.11": BROKEN}, "Python 3.9 is too old: install Python 3.11 or newer"),
        ({"python3": BARE}, "Python 3.11 is here but without its venv, pip or SQLite module: install them"),
        ({"python3": OLD, "python3.12": BARE}, "Python 3.11 is here but without its venv"),
        ({}, "No Python found: install Python 3.11 or newer"),
    ],
)
def test_no_python_that_will_do_is_one_sentence(
    copy: Path, start: Start, only: Callable[..., str], script: str, pythons: dict[str, str], says: str
) -> None:
    done = start(copy / "bin" / script, PATH=only(**pythons))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(says)
    assert not (copy / ".venv").exists()
    assert not (copy / "var").exists()


def test_a_newer_python_further_on_is_found(copy: Path, start: Start, only: Callable[..., str]) -> None:
    # The environment itself cannot be built here: that this is what fails shows that a Python was chosen.
    done = start(copy / "bin/studio", "setup", PATH=only(python3=OLD, **{"python3.12": GOOD}), PIP_INDEX_URL="http://127.0.0.1:1/simple")
    assert "too old" not in done.stderr
    assert "Making the environment" in done.stderr


def test_studio_python_is_taken_at_its_word(copy: Path, start: Start, only: Callable[..., str], tmp_path: Path) -> None:
    path = only(python3=GOOD)
    done = start(copy / "bin/studio", PATH=path, STUDIO_PYTHON=str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr == f"STUDIO_PYTHON={tmp_path / 'none'} does not run: name a Python 3.11 or newer, or unset it.\n"
    old = tmp_path / "old"
    old.write_text(f"#!/bin/sh\n{OLD}\n", encoding="utf-8")
    old.chmod(0o755)
    done = start(copy / "bin/studio", PATH=path, STUDIO_PYTHON=str(old))
    assert done.stderr.startswith("Python 3.9 is too old")


def test_a_real_old_python_is_recognised(copy: Path, start: Start) -> None:
    """The verdict itself, by an interpreter that says it is older."""
    shim = copy / "shim"
    shim.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "import sys; sys.version_info = (3, 10, 0); exec(sys.argv[1])" "$2"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    done = start(copy / "bin/studio", STUDIO_PYTHON=str(shim))
    assert done.stderr.startswith("Python 3.10 is too old")


def test_help_needs_no_python(copy: Path, start: Start, only: Callable[..., str]) -> None:
    path = only()
    for script, says in (("studio", "synthesize"), ("test", "pytest")):
        done = start(copy / "bin" / script, "--help", PATH=path)
        assert (done.returncode, done.stderr) == (0, "")
        assert says in done.stdout


def test_an_unknown_command_is_refused_at_once(copy: Path, start: Start, only: Callable[..., str]) -> None:
    done = start(copy / "bin/studio", "synthesise", PATH=only())
    assert done.returncode == 2
    assert done.stderr == "./bin/studio knows no command 'synthesise': try synthesize, manage, fake-model, setup or help.\n"


def test_symlinks_lead_home(copy: Path, start: Start, tmp_path: Path, only: Callable[..., str]) -> None:
    (tmp_path / "first").symlink_to(os.path.relpath(copy / "bin/studio", tmp_path))
    (tmp_path / "second").symlink_to(tmp_path / "first")
    done = start(tmp_path / "second", PATH=only(python3=OLD))
    assert done.stderr.startswith("Python 3.9 is too old")
