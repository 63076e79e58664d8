"""A process that does not end when it is asked to, with a child of its own: ``python -m tests.fakes.stubborn``."""

import signal
import subprocess
import sys
from time import sleep

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]):
        sleep(600)
