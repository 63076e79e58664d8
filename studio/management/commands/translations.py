"""``manage.py translations``: collects what pages say, and compiles what translators wrote."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from studio.management.translations import collect, missing, update


class Command(BaseCommand):
    """See the module."""

    help = "Bring locale/*/ up to the texts of templates and code, compile the catalogues, and list what lacks a translation."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("areas", nargs="*", metavar="AREA", help="areas to bring up to date; none means all")
        parser.add_argument("--prune", action="store_true", help="also forget translations of texts that are gone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Update, compile, tell."""
        for area, template in collect(settings.BASE_DIR).items():
            if len(template) and (not options["areas"] or area in options["areas"]):
                for language in (code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE):
                    catalogue = update(settings.BASE_DIR, area, language, template, prune=options["prune"])
                    gaps = missing(catalogue, template)
                    self.stdout.write(f"{area} {language}: {len(template) - len(gaps)} of {len(template)}")
                    for gap in gaps:
                        self.stdout.write(f"  {gap!r} has no translation")
