"""A whole studio in processes of its own: database in a folder, web server, and a scribe that writes logs beside it."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0


class Serving:
    """A context manager. ``address`` is ``127.0.0.1:port``; ``cookie`` is the session of somebody who may see everything."""

    def __init__(self, folder: Path, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "DJANGO_", "DATABASE_", "CHANNEL_"))}
        own = {"DJANGO_SETTINGS_MODULE": "studio.settings.embedded", "STUDIO_DATA": str(folder)}
        self.environment = kept | own | environment
        self.address = f"127.0.0.1:{_free_port()}"
        self.processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> "Serving":
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=self.environment, check=True)
        self.scribe = self._start("tests.fakes.scribe", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.cookie = str(self._answer()["cookie"])
        self.start_web()
        return self

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        port = self.address.rpartition(":")[2]
        with (Path(self.environment["STUDIO_DATA"]) / "web.log").open("w") as log:
            self.web = self._start("uvicorn", "studio.asgi:application", "--host", "127.0.0.1", "--port", port, stdout=log, stderr=log)
        self._wait()

    def stop_web(self) -> None:
        """End the web server, with all sockets that are open."""
        self.processes.remove(self.web)
        self.web.terminate()
        self.web.wait(PATIENCE)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def open_episode(self) -> int:
        """An episode that is being played, without events."""
        return int(self.tell(do="open")["episode"])

    def tell(self, **command: Any) -> dict[str, Any]:
        """Have the scribe do something; its answer."""
        assert self.scribe.stdin is not None
        self.scribe.stdin.write(json.dumps(command) + "\n")
        self.scribe.stdin.flush()
        return self._answer()

    def _start(self, module: str, *arguments: str, **pipes: Any) -> subprocess.Popen[str]:
        process = cast(
            "subprocess.Popen[str]",
            subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, env=self.environment, text=True, **pipes),
        )
        self.processes.append(process)
        return process

    def _answer(self) -> dict[str, Any]:
        assert self.scribe.stdout is not None
        line = self.scribe.stdout.readline()
        assert line, "the scribe has died"
        return cast("dict[str, Any]", json.loads(line))

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(f"http://{self.address}/sign-in/", timeout=5):
                    return
            except OSError:
                assert time.monotonic() < deadline, "the web server does not come up"
                time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
