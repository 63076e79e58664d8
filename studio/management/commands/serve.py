"""``manage.py serve``: the whole studio from one command: web server, and on one machine the workers too."""

import signal
import socket
from argparse import ArgumentParser
from time import monotonic, sleep
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from studio.access.members import first_owner
from studio.management.listening import bracketed, check_address, is_loopback, names_of, reachable
from studio.management.processes import celery_worker, uvicorn_server
from studio.management.supervision import Child
from studio.pipelines.attend import has_broker
from studio.pipelines.household import Household
from studio.pipelines.launching import launch
from studio.pipelines.space import NoRoom
from synthesis.selectors import runs
from synthesis.services.runs import RunError

LOOK_SECONDS = 0.5
DEMO_EPISODES, DEMO_PACE = 24, 4.0
WEB_PATIENCE, WORKER_PATIENCE = 10.0, 20.0
HOME_QUEUES = ("author", "judge", "export")
"""What the worker beside the web server takes. Runs are played by the household's crews, which also does what beat and tick would do."""


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
        """Serve until a signal comes."""
        host, port = options["host"], options["port"]
        check_address(host, port)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, _stop)
        self.household = None if has_broker() else Household()
        self.children = _children(host, port, worker=self.household is not None)
        try:
            self._begin(host, port, demo=not options["no_demo"])
            while True:
                self._look()
                sleep(LOOK_SECONDS)
        except Stop:
            self.stderr.write("Stopping ...")
        finally:
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, signal.SIG_IGN)
            self._end()

    def _begin(self, host: str, port: int, *, demo: bool) -> None:
        for child in self.children:
            child.start()
        self._wait_for_web(host, port)
        url = f"http://{bracketed(host)}:{port}"
        self.stdout.write(f"The studio is at {url}/ (Ctrl-C ends it)")
        if not is_loopback(host):
            self.stderr.write(
                "Other machines can reach it, and what they send is not encrypted: put a proxy with TLS in front where that matters "
                "(docs/operating.md)."
            )
        self._welcome(url)
        if self.household is None:
            self.stdout.write("Runs are played by workers elsewhere: ./bin/studio manage worker, ./bin/studio manage tick --forever")
        elif demo:
            self._demonstrate()

    def _look(self) -> None:
        for child in self.children:
            if news := child.look():
                self.stderr.write(news)
        if self.household:
            self.household.look()

    def _end(self) -> None:
        """Workers first and the pages last, so that what happens can be seen to the end."""
        web, *workers = self.children
        for worker in workers:
            worker.ask_to_end()
        if self.household:
            self.household.stop()
        for worker in workers:
            worker.end(WORKER_PATIENCE)
        web.ask_to_end()
        web.end(WEB_PATIENCE)

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

    def _wait_for_web(self, host: str, port: int) -> None:
        deadline = monotonic() + 60
        while self.children[0].alive() and monotonic() < deadline:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                if probe.connect_ex((reachable(host), port)) == 0:
                    return
            sleep(0.1)
        raise CommandError("The web server did not start.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def _children(host: str, port: int, *, worker: bool) -> list[Child]:
    """The web server, and where there is no broker a worker."""
    more = {"STUDIO_ALLOWED_HOSTS": ",".join(names_of(host))} if not is_loopback(host) else {}
    web, *arguments = uvicorn_server(host, port)
    found = [Child("web server", web, arguments, more=more)]
    if worker:
        celery, *arguments = celery_worker(HOME_QUEUES, 1, quiet=True)
        found.append(Child("worker", celery, arguments, more={}))
    return found
