"""Settings of the pages as a set-up outside the suite has them."""

import subprocess
import sys
from pathlib import Path

from studio.settings.web import STATIC_URL, STATIC_VERSION, static_version


def said(root: Path, environment: dict[str, str], program: str) -> str:
    """What a program says that runs with the set-up's settings."""
    program = f"import django; django.setup()\nfrom django.conf import settings\n{program}"
    done = subprocess.run([sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_passwords_are_kept_with_argon2(root: Path, studio_environment: dict[str, str]) -> None:
    program = "from django.contrib.auth.hashers import make_password; print(make_password('x'))"
    assert said(root, studio_environment, program).startswith("argon2$argon2id$")


def test_proxies_are_counted(root: Path, studio_environment: dict[str, str]) -> None:
    program = "print(settings.STUDIO_PROXY_COUNT, settings.AXES_CLIENT_IP_CALLABLE)"
    assert said(root, studio_environment, program) == "0 studio.access.addresses.client_address"
    assert said(root, {**studio_environment, "STUDIO_PROXY_COUNT": "2"}, program).startswith("2 ")


def test_static_addresses_change_with_files_and_packages(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "requirements.txt").write_text("Django==5.2\n", encoding="ascii")
    versions = [static_version(tmp_path)]
    for name, text in (("static/a.css", "a"), ("static/a.css", "b"), ("static/b.css", "b"), ("requirements.txt", "Django==5.3\n")):
        (tmp_path / name).write_text(text, encoding="ascii")
        versions.append(static_version(tmp_path))
    assert len(set(versions)) == 5
    assert static_version(tmp_path) == versions[-1]
    assert f"/static/{STATIC_VERSION}/" == STATIC_URL


def test_the_system_finds_nothing_to_complain(root: Path, studio_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
        cwd=root,
        env=studio_environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
