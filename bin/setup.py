"""Sets up what is missing (environment, database, starter catalogue), then becomes the command it was given.

usage: setup.py [--dev] [--environment-only] [--script FILE] [-- arguments of manage.py, or of another script of the repository]

Standard library only: it runs before anything is installed. Everything it says goes to standard error, because standard output belongs to
the command. What cannot be done ends it with one sentence and status 1; details stand in ``setup.log`` in the data folder. Each step writes
its stamp last, so a start that was interrupted is repaired by the next one, and steps that were done are skipped in milliseconds.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("STUDIO_VENV") or ROOT / ".venv").absolute()
DATA = Path(os.environ.get("STUDIO_DATA") or ROOT / "var").expanduser().absolute()
LOG_LIMIT = 1_000_000
DEVELOPMENT = "requirements-dev.txt"
ORACLES = "requirements-oracles.txt"
"""What the suite compares statistics with: installed for development, without dependencies (the file says why)."""
NEEDED_MB = {"requirements.txt": 350, DEVELOPMENT: 1300}

NO_SPACE = ("No space left on device", "[Errno 28]", "Disk quota exceeded", "database or disk is full")
NO_NETWORK = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "Network is unreachable",
    "Connection refused",
    "ProxyError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "SSLError",
    "Max retries exceeded",
)
NO_DATABASE = ("OperationalError", "connection refused", "could not translate host name", "does not exist")


class SetupError(Exception):
    """A step that cannot be done. Its text is the sentence for the user."""


def say(sentence: str) -> None:
    """One line on standard error."""
    print(sentence, file=sys.stderr, flush=True)


def digest(paths: Iterable[Path], *more: str) -> str:
    """sha256 over the names and contents of ``paths`` and over ``more``."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        total.update(f"\0{path.name}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def stamped(stamp: Path, value: str) -> bool:
    """Whether ``stamp`` says ``value``."""
    try:
        return stamp.read_text(encoding="ascii") == value
    except (OSError, UnicodeDecodeError):
        return False


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """One set-up at a time. Gives the lock's descriptor: children inherit it, so that what outlives us keeps the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is setting up; waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def run(command: list[str], lock: int, show: tuple[str, ...] = ()) -> None:
    """Run a child; what it writes goes to setup.log, and lines with one of ``show`` also to the user. Raises ChildFailed."""
    written: list[str] = [f"$ {' '.join(command)}\n"]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(lock,),
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            written.append(line)
            if any(phrase in line for phrase in show):
                say(line.strip())
    note(written)
    if child.returncode:
        raise ChildFailed("".join(written))


def note(lines: list[str]) -> None:
    """Add to setup.log, where that is possible."""
    log = DATA / "setup.log"
    with contextlib.suppress(OSError):
        mode = "w" if log.exists() and log.stat().st_size > LOG_LIMIT else "a"
        with log.open(mode, encoding="utf-8") as file:
            file.writelines([*lines, "\n"])


class ChildFailed(Exception):
    """A child ended with an error. ``args[0]`` is what it wrote."""

    def says(self, phrases: Iterable[str]) -> bool:
        """Whether its output has one of ``phrases``."""
        return any(phrase in self.args[0] for phrase in phrases)

    @property
    def last_line(self) -> str:
        """The last line it wrote."""
        lines = [line.strip() for line in self.args[0].splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it said nothing"


# --- the environment -------------------------------------------------------------------------------------------------------------


def runs(python: Path, program: str) -> bool:
    """Whether ``python`` runs ``program`` without an error."""
    try:
        return (
            subprocess.run([str(python), "-I", "-c", program], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def environment_is_ready(requirements: str, wanted: str) -> bool:
    """Whether the environment has what ``requirements`` asks for and starts."""
    return stamped(VENV / f".{requirements}.stamp", wanted) and runs(VENV / "bin/python", "import django")


def prepare_environment(requirements: str) -> None:
    """Make ``.venv`` and install the pinned packages, unless that was done before. Raises SetupError."""
    wanted = digest(files_of(requirements))
    if environment_is_ready(requirements, wanted):
        return
    VENV.parent.mkdir(parents=True, exist_ok=True)
    with locked(VENV.parent / f"{VENV.name}.lock") as lock:
        if environment_is_ready(requirements, wanted):
            return
        free = shutil.disk_usage(VENV.parent).free // 1_000_000
        if free < NEEDED_MB[requirements]:
            raise SetupError(
                f"Only {free} MB are free on the disk of {VENV.parent}: "
                f"make room, about {NEEDED_MB[requirements]} MB are needed, and run this again."
            )
        try:
            install(requirements, lock)
        except ChildFailed as failure:
            raise SetupError(explain_install(failure)) from failure
        for name in {"requirements.txt", requirements}:
            (VENV / f".{name}.stamp").write_text(digest(files_of(name)), encoding="ascii")


def files_of(requirements: str) -> set[Path]:
    """The files that decide what an installation of ``requirements`` holds."""
    more = {ROOT / ORACLES} if requirements == DEVELOPMENT else set[Path]()
    return {ROOT / "requirements.txt", ROOT / requirements, *more}


def install(requirements: str, lock: int) -> None:
    """Install under the lock. While ``.incomplete`` exists the environment is not trusted, and the next start makes it anew."""
    incomplete, python = VENV / ".incomplete", VENV / "bin/python"
    fresh = incomplete.exists() or not runs(python, "import sys, pip; sys.exit(sys.version_info < (3, 11))")
    if fresh:
        say(f"Making the environment {VENV} ...")
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir(parents=True, exist_ok=True)
        incomplete.touch()
        run([sys.executable, "-I", "-m", "venv", str(VENV)], lock)
    incomplete.touch()
    say("Installing the pinned packages (about half a minute, the first time only) ...")
    pip = [str(python), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    try:
        run([*pip, "-r", str(ROOT / requirements)], lock)
        if requirements == DEVELOPMENT:
            run([*pip, "--no-deps", "-r", str(ROOT / ORACLES)], lock)
    except ChildFailed as failure:
        if not fresh and failure.says(NO_NETWORK):
            incomplete.unlink()  # pip downloads before it changes anything: the environment is as it was
        raise
    incomplete.unlink()


def explain_install(failure: ChildFailed) -> str:
    """The sentence for a failed installation."""
    if failure.says(NO_SPACE):
        return f"The disk of {VENV.parent} is full: make room (about {NEEDED_MB['requirements.txt']} MB) and run this again."
    if failure.says(NO_NETWORK):
        return "The package index cannot be reached: check the network, or point PIP_INDEX_URL to a mirror, and run this again."
    return f"The packages could not be installed: {failure.last_line} (details: {DATA / 'setup.log'})"


# --- database and catalogue ------------------------------------------------------------------------------------------------------


def sqlite_file() -> Path | None:
    """The SQLite file the settings will use, or None when they use a server."""
    url = os.environ.get("DATABASE_URL", "").strip()
    if not url:
        return DATA / "studio.sqlite3"
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite://")
        return Path(unquote(path[1:] if path.startswith("//") else path))
    return None


def applied_migrations(path: Path) -> list[str]:
    """What the database itself says was applied. Empty when there is no such database."""
    if not path.exists():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=20)) as connection:
            rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    except sqlite3.DatabaseError:
        return []
    return [row[0] for row in rows]


def database_state() -> str:
    """A digest of what decides whether the database is up to date: migrations, catalogue, packages, the database itself."""
    catalogue = [path for path in (ROOT / "synthesis/catalog").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    parts = [ROOT / "requirements.txt", *ROOT.glob("*/migrations/*.py"), *catalogue]
    file = sqlite_file()
    if file is None:
        return digest(parts, os.environ["DATABASE_URL"])
    return digest(parts, str(file), str(file.stat().st_ino) if file.exists() else "", *applied_migrations(file))


def prepare_database() -> None:
    """Migrate and install the starter catalogue, unless nothing changed since the last time. Raises SetupError."""
    stamp = DATA / "database.stamp"
    if stamped(stamp, database_state()):
        return
    with locked(DATA / "setup.lock") as lock:
        if stamped(stamp, database_state()):
            return
        manage = [str(VENV / "bin/python"), str(ROOT / "manage.py")]
        try:
            say("Preparing the database ...")
            run([*manage, "migrate", "--no-input", "--verbosity", "1"], lock)
            say("Installing the starter catalogue ...")
            run([*manage, "install_catalog"], lock, show=("auditing ", " is left out"))
        except ChildFailed as failure:
            raise SetupError(explain_database(failure)) from failure
        stamp.write_text(database_state(), encoding="ascii")


def explain_database(failure: ChildFailed) -> str:
    """The sentence for a database or catalogue that could not be prepared."""
    if failure.says(NO_SPACE):
        return f"The disk of {DATA} is full: make room and run this again."
    if sqlite_file() is None and failure.says(NO_DATABASE):
        return f"The database of DATABASE_URL cannot be used: {failure.last_line}"
    return f"The database could not be prepared: {failure.last_line} (details: {DATA / 'setup.log'})"


# --- the whole -------------------------------------------------------------------------------------------------------------------


def prepare(dev: bool, environment_only: bool) -> None:
    """All steps. Raises SetupError, and OSError where a folder cannot be used."""
    DATA.mkdir(parents=True, exist_ok=True)
    prepare_environment(DEVELOPMENT if dev else "requirements.txt")
    if not environment_only:
        prepare_database()


def explain_os(error: OSError) -> str:
    """The sentence for a folder that cannot be used."""
    place = error.filename or DATA
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk of {place} is full: make room and run this again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{place} cannot be written: make it writable, or point STUDIO_DATA and STUDIO_VENV to folders that are, and run this again."
    return f"{place} cannot be used ({error.strerror}): run this again when that is mended."


def main(arguments: list[str]) -> int:
    """Set up, then become the command. Returns the exit status when there is no command."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = arguments[:split], arguments[split + 1 :]
    try:
        prepare("--dev" in options, "--environment-only" in options)
    except SetupError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(explain_os(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next start goes on from here.")
        return 130
    script = options[options.index("--script") + 1] if "--script" in options else "manage.py" if command else ""
    if script:
        python = str(VENV / "bin/python")
        os.execv(python, [python, str(ROOT / script), *command])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
