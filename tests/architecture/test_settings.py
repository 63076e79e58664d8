"""Settings read the environment in one folder, and every variable is documented and used."""

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT, modules, texts

PAGE = "docs/settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]*) \|", re.MULTILINE)
OUTSIDE_DJANGO = frozenset({"STUDIO_PYTHON", "STUDIO_VENV"})
"""Read by bin/ before there is any Django."""
OF_THE_SUITE = frozenset({"STUDIO_REQUIRE_SERVICES", "STUDIO_TEST_POSTGRES", "STUDIO_TEST_REDIS", "STUDIO_TEST_RABBITMQ"})


@pytest.fixture(scope="module")
def declared() -> dict[str, str]:
    """Every variable that the set-ups read, with its default."""
    program = (
        "import json; from studio.settings import environment, embedded\n"
        "import studio.settings.production as p\n"
        "print(json.dumps(environment.DECLARED))"
    )
    given = {
        "STUDIO_SECRET_KEY": "k3#" + "abcdefghij" * 6,
        "STUDIO_ALLOWED_HOSTS": "studio.example",
        "DATABASE_URL": "postgres://u@h/n",
        "CELERY_BROKER_URL": "redis://h/0",
        "PATH": "",
    }
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    variables: dict[str, str] = json.loads(done.stdout)
    return variables


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    """Variables and defaults of the settings page."""
    return {name: default.strip().strip("`") for name, default in ROW.findall((ROOT / PAGE).read_text(encoding="utf-8"))}


def test_every_variable_is_documented_and_nothing_else(declared: dict[str, str], documented: dict[str, str]) -> None:
    assert set(documented) == set(declared) | OUTSIDE_DJANGO | OF_THE_SUITE | {"DJANGO_SETTINGS_MODULE"}


def test_documented_defaults_are_true(declared: dict[str, str], documented: dict[str, str]) -> None:
    wrong = {name: documented[name] for name, default in declared.items() if name != "STUDIO_WORKERS" and documented[name] != default}
    assert wrong == {}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path)
        for path, module in modules()
        if path.parts[0] in {"studio", "judging", "synthesis"} and path.parts[:2] != ("studio", "settings")
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in {"getenv", "environ"} and not is_allowed(module, node)
    }
    assert readers == set()


def is_allowed(module: ast.Module, node: ast.Attribute) -> bool:
    """Whether ``node`` belongs to ``os.environ.setdefault("DJANGO_SETTINGS_MODULE", ...)``, how every entry point begins, or to
    ``os.environ.get("PATH", ...)``, which a child process is given.
    """
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.value is node
        and isinstance(call.args[0], ast.Constant)
        and (call.func.attr, call.args[0].value) in {("setdefault", "DJANGO_SETTINGS_MODULE"), ("get", "PATH")}
        for call in ast.walk(module)
    )


def test_every_setting_of_ours_is_used(declared: dict[str, str]) -> None:
    sources = "\n".join(text for path, text in texts() if path.suffix == ".py" and path.parts[0] in {"studio", "judging", "synthesis"})
    base = (ROOT / "studio/settings/base.py").read_text(encoding="utf-8")
    ours = [name for name in declared if re.search(rf"^{name} = ", base, re.MULTILINE)]
    assert "STUDIO_SLICE_WIDTH" in ours
    # A declaration names its variable twice.
    assert [name for name in ours if len(re.findall(rf"\b{name}\b", sources)) <= 2] == []


def test_the_readme_leads_to_the_page() -> None:
    assert PAGE in (ROOT / "README.md").read_text(encoding="utf-8")
