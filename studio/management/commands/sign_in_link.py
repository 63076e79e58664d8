"""``manage.py sign_in_link NAME``: a one-time link for a member who cannot sign in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from studio.access.errors import AccessError
from studio.access.members import member_link, member_named


class Command(BaseCommand):
    """See the module."""

    help = "Print a link that signs a member in once, to choose a new password. For owners who forgot theirs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and where the studio is reached."""
        parser.add_argument("name", help="user name of the member")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the studio is reached (default: http://127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and print. Raises CommandError when nobody is called so."""
        membership = member_named(options["name"])
        if membership is None:
            raise CommandError(f"There is no member {options['name']!r}.")
        try:
            _user, secret = member_link(actor=None, user_id=membership.user_id, now=timezone.now())
        except AccessError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['url'].rstrip('/')}{reverse('access:link', args=[secret])}")
