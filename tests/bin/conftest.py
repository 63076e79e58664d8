"""A copy of what the shell scripts need, in an awkward folder, and stand-ins for Python that fail in chosen ways."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts and the requirements in a folder with a blank in its name, without any environment."""
    top = tmp_path / "a studio"
    top.mkdir()
    for name in ("bin", "requirements.txt", "requirements-dev.txt", "requirements-oracles.txt", "manage.py"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, top / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, top / name)
    return top


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Runs a script as a newcomer's shell would: nothing of ours in the environment, no standard input, from another folder."""

    def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [str(script), *arguments],
            env={**kept, **environment},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


@pytest.fixture
def only(tmp_path: Path) -> Callable[..., str]:
    """A PATH with what the scripts need, and the given programs (name to shell text) as the only Pythons."""

    def path(**programs: str) -> str:
        folder = tmp_path / "path"
        folder.mkdir()
        for tool in ("bash", "env", "dirname", "readlink", "cat"):
            found = shutil.which(tool)
            assert found
            (folder / tool).symlink_to(found)
        for name, text in programs.items():
            program = folder / name
            program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            program.chmod(0o755)
        return str(folder)

    return path
