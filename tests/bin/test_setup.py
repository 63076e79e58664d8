"""What setting up says and leaves behind when something is missing, and that it repairs what was left half-made."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bin.conftest import Start
from tests.conftest import ROOT

NO_INDEX = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A small file system on ``folder``. Skips where this user may not mount."""
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("this user may not mount file systems")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def ready(copy: Path) -> Path:
    """A copy whose environment is that of this process, and whose manage.py notes what it was called with."""
    (copy / ".venv/bin").mkdir(parents=True)
    (copy / ".venv/bin/python").symlink_to(sys.executable)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", copy / ".venv/pyvenv.cfg")
    (copy / ".venv/lib").symlink_to(Path(sys.prefix) / "lib")
    from_source(copy, "import sys, django; print('called', *sys.argv[1:]); open('calls', 'a').write(sys.argv[1] + '\\n')")
    stamp(copy)
    return copy


def from_source(copy: Path, program: str) -> None:
    """Give the copy this manage.py."""
    (copy / "manage.py").write_text(f"import os; os.chdir({str(copy)!r})\n{program}\n", encoding="utf-8")


def stamp(copy: Path) -> None:
    """Mark the environment of the copy as installed."""
    program = (
        f"import sys; sys.path.insert(0, {str(copy / 'bin')!r}); import setup; r = setup.ROOT\n"
        "(setup.VENV / '.requirements.txt.stamp').write_text(setup.digest({r / 'requirements.txt'}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def calls(copy: Path) -> list[str]:
    """The commands manage.py was called with."""
    return (copy / "calls").read_text(encoding="utf-8").split() if (copy / "calls").exists() else []


def test_no_network_is_one_sentence(copy: Path, start: Start) -> None:
    done = start(copy / "bin/studio", "setup", **NO_INDEX)
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last.startswith("The package index cannot be reached: check the network")
    assert "Traceback" not in done.stderr
    assert (copy / ".venv/.incomplete").exists()
    assert not (copy / ".venv/.requirements.txt.stamp").exists()


def test_an_interrupted_installation_is_made_anew(ready: Path, start: Start) -> None:
    shutil.rmtree(ready / ".venv")
    (ready / ".venv/lib").mkdir(parents=True)
    (ready / ".venv/.incomplete").touch()
    (ready / ".venv/lib/half").touch()
    done = start(ready / "bin/studio", "setup", **NO_INDEX)
    assert "Making the environment" in done.stderr
    assert not (ready / ".venv/lib/half").exists()


def test_a_full_disk_is_said_before_anything_is_made(copy: Path, start: Start, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=1m"):
        target = tmp_path / "small" / "studio"
        shutil.copytree(copy, target)
        done = start(target / "bin/studio", "setup")
        assert done.returncode == 1
        assert "MB are free on the disk of" in done.stderr.splitlines()[-1]
        assert not (target / ".venv").exists()


def test_a_disk_that_fills_up_is_one_sentence(ready: Path, start: Start) -> None:
    from_source(ready, "import sys; sys.exit('django.db.utils.OperationalError: database or disk is full')")
    done = start(ready / "bin/studio", "setup")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"The disk of {ready / 'var'} is full: make room and run this again."


def test_a_full_data_disk_is_one_sentence(ready: Path, start: Start, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=64k,nr_inodes=2"):
        (tmp_path / "small/file").touch()
        done = start(ready / "bin/studio", "setup", STUDIO_DATA=str(tmp_path / "small/data"))
        assert done.returncode == 1
        assert done.stderr == f"The disk of {tmp_path / 'small/data'} is full: make room and run this again.\n"


def test_a_read_only_folder_is_one_sentence(copy: Path, start: Start, tmp_path: Path) -> None:
    with mounted(tmp_path / "fixed", "size=2m"):
        target = tmp_path / "fixed" / "studio"
        shutil.copytree(copy, target)
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "fixed")], check=True)
        done = start(target / "bin/studio", "setup")
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"{target / 'var'} cannot be written: make it writable, or point STUDIO_DATA and STUDIO_VENV")


def test_a_file_in_the_way_is_one_sentence(copy: Path, start: Start) -> None:
    (copy / "var").touch()
    done = start(copy / "bin/studio", "setup")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be used" in done.stderr


def test_first_start_prepares_second_only_runs(ready: Path, start: Start) -> None:
    first = start(ready / "bin/studio", "manage", "check", "--deploy")
    assert (first.returncode, first.stdout) == (0, "called check --deploy\n")
    assert calls(ready) == ["migrate", "install_catalog", "check"]
    began = time.monotonic()
    second = start(ready / "bin/studio", "synthesize", "--json")
    assert time.monotonic() - began < 5
    assert (second.stdout, second.stderr) == ("called synthesize --json\n", "")
    assert calls(ready)[3:] == ["synthesize"]


@pytest.mark.parametrize("change", ["migrations/0002_more.py", "catalog/packs/new.yaml"])
def test_a_changed_catalogue_or_migration_prepares_again(ready: Path, start: Start, change: str) -> None:
    start(ready / "bin/studio", "setup")
    path = ready / "synthesis" / change
    path.parent.mkdir(parents=True)
    path.touch()
    start(ready / "bin/studio", "setup")
    assert calls(ready) == ["migrate", "install_catalog"] * 2


def test_another_data_folder_is_prepared_for_itself(ready: Path, start: Start, tmp_path: Path) -> None:
    start(ready / "bin/studio", "setup")
    start(ready / "bin/studio", "setup", STUDIO_DATA=str(tmp_path / "other data"))
    assert calls(ready) == ["migrate", "install_catalog"] * 2
    assert (tmp_path / "other data/database.stamp").exists()


def test_a_failed_preparation_is_tried_again(ready: Path, start: Start) -> None:
    works = (ready / "manage.py").read_text(encoding="utf-8")
    from_source(ready, "import sys; sys.exit('pack retail: no such table')")
    done = start(ready / "bin/studio", "synthesize")
    assert done.returncode == 1
    assert "pack retail: no such table" in done.stderr.splitlines()[-1]
    assert "setup.log" in done.stderr.splitlines()[-1]
    (ready / "manage.py").write_text(works, encoding="utf-8")
    assert start(ready / "bin/studio", "synthesize").returncode == 0
    assert calls(ready) == ["migrate", "install_catalog", "synthesize"]


def test_what_takes_long_or_is_left_out_is_shown(ready: Path, start: Start) -> None:
    from_source(ready, "import sys; print('auditing a.yaml'); print('a.yaml is left out; see'); print('Applying 0001')")
    done = start(ready / "bin/studio", "setup")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-2:] == ["auditing a.yaml", "a.yaml is left out; see"]
    assert "Applying 0001" in (ready / "var/setup.log").read_text(encoding="utf-8")


def test_an_unreachable_database_is_one_sentence(ready: Path, start: Start) -> None:
    from_source(ready, "import sys; sys.exit('django.db.utils.OperationalError: connection refused')")
    done = start(ready / "bin/studio", "setup", DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert done.stderr.splitlines()[-1] == (
        "The database of DATABASE_URL cannot be used: django.db.utils.OperationalError: connection refused"
    )


def test_what_another_project_left_in_the_shell_does_not_reach_us(ready: Path, start: Start, tmp_path: Path) -> None:
    (tmp_path / "django.py").write_text("raise SystemExit('the wrong Django')", encoding="utf-8")
    from_source(
        ready, "import os, sys; print(*sorted(n for n in os.environ if n in {'PYTHONPATH', 'VIRTUAL_ENV', 'DJANGO_SETTINGS_MODULE'}))"
    )
    done = start(
        ready / "bin/studio", "manage", "x", PYTHONPATH=str(tmp_path), VIRTUAL_ENV=str(tmp_path), DJANGO_SETTINGS_MODULE="other.settings"
    )
    assert (done.returncode, done.stdout) == (0, "\n")
    ours = start(ready / "bin/studio", "manage", "x", DJANGO_SETTINGS_MODULE="studio.settings.production")
    assert ours.stdout == "DJANGO_SETTINGS_MODULE\n"


def test_the_commands_status_and_folder_are_its_own(ready: Path, start: Start, tmp_path: Path) -> None:
    start(ready / "bin/studio", "setup")
    (ready / "manage.py").write_text("import os, sys; print(os.getcwd()); sys.exit(7)", encoding="utf-8")
    done = start(ready / "bin/studio", "manage", "x")
    assert (done.returncode, done.stdout) == (7, f"{tmp_path}\n")


def test_two_starts_wait_for_each_other(ready: Path, start: Start) -> None:
    (ready / "var").mkdir()
    with (ready / "var/setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {"PATH": os.environ["PATH"], "HOME": str(ready)}
        with subprocess.Popen([ready / "bin/studio", "setup"], env=environment, stderr=subprocess.PIPE, text=True) as waiting:
            assert waiting.stderr
            assert waiting.stderr.readline() == "Another start is setting up; waiting for it.\n"
            assert waiting.poll() is None
            assert calls(ready) == []
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert waiting.wait(timeout=60) == 0
    assert calls(ready) == ["migrate", "install_catalog"]


@pytest.mark.parametrize("options", [[], ["--port", "8001"]])
def test_without_a_command_it_sets_up_and_serves(options: list[str], ready: Path, start: Start) -> None:
    assert start(ready / "bin/studio", *options).returncode == 0
    assert calls(ready) == ["migrate", "install_catalog", "serve"]


@pytest.mark.slow
def test_a_newcomer_gets_there_by_one_command(start: Start, tmp_path: Path) -> None:
    """The real thing: everything installed, the catalogue in, then a second start within seconds."""
    target = tmp_path / "new comer"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", ".venv*", "var", "tests", "__pycache__", "docs"))
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HTTP", "HTTPS", "NO_PROXY", "SSL_"))}
    home = {"HOME": os.environ.get("HOME", str(tmp_path))}
    first = start(target / "bin/studio", "manage", "check", **pip, **home)
    assert (first.returncode, first.stdout) == (0, "System check identified no issues (0 silenced).\n"), first.stderr
    began = time.monotonic()
    second = start(target / "bin/studio", "manage", "version", **pip, **home)
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout.startswith("5.2.")
    assert time.monotonic() - began < 10
