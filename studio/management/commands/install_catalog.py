"""``manage.py install_catalog``: the starter catalogue into the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.pipelines import catalog


class Command(BaseCommand):
    """See the module."""

    help = "Install the starter domains, personas, agent profiles and rubric. Safe to call again: what is there already stays."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install and tell what was done."""
        try:
            done = catalog.install(say=lambda path: self.stderr.write(f"auditing {path} (changed since its last audit)"))
        except catalog.CatalogFileError as error:
            raise CommandError(f"The catalogue cannot be installed: {error}") from error
        for file in done.refused:
            self.stderr.write(f"{file.path} is left out; see ./bin/studio manage audit_packs {file.path}")
            for finding in file.errors[:5]:
                self.stderr.write(f"  {finding}")
        self.stdout.write(
            f"{done.domains} domains ({done.new_releases} new releases), {done.personas} personas, {done.agents} agent profiles"
        )
        if not done.domains:
            raise CommandError("No domain could be installed.")
