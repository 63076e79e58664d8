"""``manage.py serve`` for tests that need a whole studio at work."""

import signal
import socket

from tests.studio.installation import Installation


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """A studio that is being served."""

    def __init__(self, home: Installation, *options: str) -> None:
        self.home, self.port = home, free_port()
        self.process = home.start("serve", "--port", str(self.port), *options)
        assert self.process.stdout
        assert f":{self.port}/" in self.process.stdout.readline()
        self.link = self.process.stdout.readline().strip().rpartition(" ")[2]
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=40)
        return self.process.returncode, err
