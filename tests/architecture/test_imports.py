"""Imports run one way: the contracts of ``.importlinter`` hold, and they would notice if they did not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT

LINT = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """lint-imports over the rooms in ``folder``."""
    wide = {**os.environ, "COLUMNS": "300"}
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, env=wide, capture_output=True, text=True, timeout=120)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and their contracts, to be spoilt."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.yaml"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("synthesis/engine/packs/spoilt.py", "import django", "engines are plain Python"),
        ("synthesis/engine/packs/spoilt.py", "import judging.engine", "never the reverse"),
        ("judging/engine/spoilt.py", "import studio.queue", "never the reverse"),
        ("synthesis/selectors/spoilt.py", "import synthesis.services", "services > selectors > models"),
        ("synthesis/adapters/spoilt.py", "import django", "adapters do I/O but know nothing of Django"),
        ("synthesis/services/spoilt.py", "import celery", "have no doors"),
        ("studio/pipelines/spoilt.py", "import studio.workers", "doors > pipelines"),
        ("studio/pipelines/spoilt.py", "import celery", "only workers, queue and celery touch Celery"),
        ("studio/workers/spoilt.py", "import synthesis.adapters", "never through adapters"),
        ("synthesis/unnamed/__init__.py", "", "services > selectors > models"),
        ("studio/unnamed.py", "", "doors > pipelines"),
    ],
)
def test_contracts_notice(copy: Path, file: str, line: str, contract: str) -> None:
    (copy / file).parent.mkdir(exist_ok=True)
    (copy / file).write_text(f"{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(contract in text for text in broken), done.stdout
