"""``manage.py web``: the web server alone, as images and process managers start it."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from studio.management.processes import uvicorn_server


class Command(BaseCommand):
    """See the module."""

    help = "Serve pages, sockets and the REST interface, and nothing else. Workers and tick are processes of their own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the web server."""
        os.chdir(settings.BASE_DIR)
        arguments = uvicorn_server(options["host"], options["port"])
        os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606 - our own interpreter; uvicorn refuses bad addresses
