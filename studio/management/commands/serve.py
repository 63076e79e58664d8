"""``manage.py serve``: the whole studio from one command: web server, and on one machine the workers too."""

import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from time import monotonic, sleep
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from studio.access.members import first_owner
from studio.pipelines.attend import has_broker
from studio.pipelines.household import Household
from studio.pipelines.launching import launch
from studio.pipelines.space import NoRoom
from synthesis.selectors import runs
from synthesis.services.runs import RunError

LOOK_SECONDS = 0.5
DEMO_EPISODES, DEMO_PACE = 24, 4.0
STOP_PATIENCE = 10.0


class Stop(Exception):
    """Somebody wants the studio to end."""


class Command(BaseCommand):
    """See the module."""

    help = "Serve the studio: pages and sockets, and the runs' workers unless there is a broker. Ctrl-C ends all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default 127.0.0.1: this machine alone)")
        parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")
        parser.add_argument("--no-demo", action="store_true", help="do not start a first run in an empty studio")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until a signal comes or the web server dies."""
        host, port = options["host"], options["port"]
        _check(host, port)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, _stop)
        household = None if has_broker() else Household()
        web = _web(host, port)
        try:
            self._wait_for_web(web, host, port)
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            self.stdout.write(f"The studio is at {url}/ (Ctrl-C ends it)")
            self._welcome(url)
            if household and not options["no_demo"]:
                self._demonstrate()
            if household is None:
                self.stdout.write("Runs are played by workers elsewhere: ./bin/studio manage worker, ./bin/studio manage tick --forever")
            while web.poll() is None:
                if household:
                    household.look()
                sleep(LOOK_SECONDS)
            raise CommandError(f"The web server ended with code {web.returncode}.")
        except Stop:
            self.stderr.write("Stopping ...")
        finally:
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, signal.SIG_IGN)
            if household:
                household.stop()
            _end(web)

    def _welcome(self, url: str) -> None:
        """As long as the owner has not been here: a link that signs them in once. Production invites with ``manage first_owner``."""
        made = None if has_broker() else first_owner(username="owner", now=timezone.now())
        if made:
            self.stdout.write(f"Sign in, once: {url}{reverse('access:link', args=[made[1]])}")

    def _demonstrate(self) -> None:
        """In a studio without runs: a first one, slow enough to be watched."""
        if runs.run_list(1):
            return
        try:
            run = launch(episodes=DEMO_EPISODES, seed=0, pace=DEMO_PACE)
        except (RunError, NoRoom) as error:
            self.stderr.write(f"No first run: {error}")
        else:
            self.stdout.write(f"Run {run.pk} has been started, {run.episodes} slow episodes to look at.")

    def _wait_for_web(self, web: "subprocess.Popen[bytes]", host: str, port: int) -> None:
        deadline = monotonic() + 60
        while web.poll() is None and monotonic() < deadline:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                if probe.connect_ex((_reachable(host), port)) == 0:
                    return
            sleep(0.1)
        raise CommandError("The web server did not start.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _check(host: str, port: int) -> None:
    """Find out before anything starts whether the address is free. Raises CommandError."""
    if not 1 <= port <= 65535:
        raise CommandError(f"--port {port}: give a number from 1 to 65535.", returncode=2)
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return
    except OSError as error:
        raise CommandError(f"{host}:{port} cannot be used ({error.strerror}). Give another --port.", returncode=2) from error


def _web(host: str, port: int) -> "subprocess.Popen[bytes]":
    """The web server, in a session of its own: Ctrl-C reaches us alone, and we end it last."""
    # Forwarded addresses are believed by our own setting (STUDIO_PROXY_COUNT) alone: uvicorn would take them from anybody on this machine.
    command = [sys.executable, "-m", "uvicorn", "studio.asgi:application", "--no-proxy-headers", "--host", host, "--port", str(port)]
    quiet = ["--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "3", "--ws-max-size", "65536"]
    return subprocess.Popen([*command, *quiet], cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True)


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
