"""``manage.py tick``: look after the runs under way, once or for ever, without beat."""

from argparse import ArgumentParser
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from studio.pipelines.heartbeat import heartbeat


class Command(BaseCommand):
    """See the module."""

    help = "Look after the runs under way: lapsed leases, counts, missing slices, the end; exports and audits that nobody does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once or for ever."""
        parser.add_argument("--forever", action="store_true", help=f"again every {settings.STUDIO_TICK_SECONDS} s (STUDIO_TICK_SECONDS)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick."""
        while True:
            looked_after = heartbeat(now=timezone.now())
            if not options["forever"]:
                self.stdout.write(f"looked after {len(looked_after)} runs")
                return
            sleep(settings.STUDIO_TICK_SECONDS)
