"""What stands after ``python -m`` for each process of a studio: one place for the flags, whoever starts them."""

import os
from collections.abc import Sequence


def uvicorn_server(host: str, port: int) -> list[str]:
    """The web server."""
    # Forwarded addresses are believed by our own setting (STUDIO_PROXY_COUNT) alone: uvicorn would take them from anybody on this machine.
    where = ["--no-proxy-headers", "--host", host, "--port", str(port)]
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header"]
    return ["uvicorn", "studio.asgi:application", *where, *quiet, "--timeout-graceful-shutdown", "3", "--ws-max-size", "65536"]


def celery_worker(queues: Sequence[str], concurrency: int, *, quiet: bool = False) -> list[str]:
    """A worker; ``quiet``: without a banner, and only what goes wrong."""
    # Workers need not know of one another: leases tell who holds what.
    alone = ["--without-gossip", "--without-mingle"]
    how = [*alone, "-l", "WARNING" if quiet else "INFO", "-n", f"studio-{os.getpid()}@%h"]
    return ["celery", *(["-q"] if quiet else []), "-A", "studio.celery", "worker", "-Q", ",".join(queues), "-c", str(concurrency), *how]


def celery_beat() -> list[str]:
    """The clock. Its lock file would outlive a container, and the database scheduler needs none."""
    return ["celery", "-A", "studio.celery", "beat", "-l", "INFO", "--pidfile="]
