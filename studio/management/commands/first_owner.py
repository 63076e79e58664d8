"""``manage.py first_owner``: the first person of a fresh studio."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from studio.access.members import first_owner


class Command(BaseCommand):
    """See the module."""

    help = "Make the owner of a fresh studio and print a link that signs them in once. Again while no owner has a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name, and where the studio is reached."""
        parser.add_argument("--name", default="owner", help="user name of the owner (default: owner)")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the studio is reached (default: http://127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and print."""
        made = first_owner(username=options["name"], now=timezone.now())
        if made:
            self.stdout.write(f"{options['url'].rstrip('/')}{reverse('access:link', args=[made[1]])}")
