"""``python -m studio.management.leashed MODULE ARGUMENT...``: run a module that ends when its parent does, however that ends.

The parent holds the other end of our standard input. When reading it ends, nobody can stop us any more, so we stop ourselves: first
politely, then with everything we started. A pipe does this on every system; Linux alone has a signal for it.
"""

import contextlib
import os
import runpy
import signal
import sys
import warnings
from threading import Thread
from time import sleep

PATIENCE = 8.0
"""Seconds to end in order, once the parent is gone."""


def main() -> None:
    """Become the module."""
    # Whoever serves as root knows it, and Celery would say so at every start.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    Thread(target=_end_with_parent, args=(os.getpid(),), daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_parent(pid: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(pid, signal.SIGTERM)
    sleep(PATIENCE)
    # Whoever starts us gives us a process group of our own: never kill one that belongs to somebody else.
    if os.getpgrp() == pid:
        os.killpg(pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
