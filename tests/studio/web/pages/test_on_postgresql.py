"""The pages on PostgreSQL: every URL once, every page with harmful texts, and the tests of the areas whose pages count and search most."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUBSET = (
    "tests/studio/web/pages/test_sweep.py",
    "tests/studio/web/pages/test_hostile.py::test_none_comes_alive_on_any_page",
    "tests/studio/web/home",
    "tests/studio/web/runs",
    "tests/studio/web/datasets",
)
QUIET = ("-q", "-n", "0", "-m", "not slow and not browser", "-k", "not ten_thousand")
"""How long ten thousand take is asked on SQLite, where nobody else works on the server meanwhile."""


@pytest.mark.slow
@pytest.mark.postgres
def test_pages_are_the_same_on_postgresql(root: Path, fresh_postgres_url: str) -> None:
    ours = ("STUDIO_", "DATABASE_URL", "CELERY_", "CHANNEL_", "DJANGO_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, *SUBSET],
        cwd=root,
        env={**environment, "DATABASE_URL": fresh_postgres_url},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
