"""``manage.py rotate_keys``: lock the keys of model endpoints again under the newest encryption key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.pipelines.keys import KeysError, keys_rotate


class Command(BaseCommand):
    """See the module."""

    help = "Lock every stored key of a model endpoint again under the newest encryption key, so that older ones can be dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to make a new key first."""
        parser.add_argument(
            "--fresh", action="store_true", help="embedded set-up: make a new encryption key first, and drop the former ones afterwards"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and say how many. Raises CommandError when a key cannot be read; then nothing was changed."""
        try:
            done = keys_rotate(fresh=options["fresh"])
        except KeysError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Stored keys locked again: {done}")
