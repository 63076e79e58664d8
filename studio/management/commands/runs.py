"""``manage.py runs``: list runs; pause, resume or cancel one, or try again what failed in it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from studio.management.progress import duration
from synthesis.selectors.runs import last_slice_started, run_counts, run_list
from synthesis.services.requeue import run_requeue
from synthesis.services.runs import RunError, run_cancel, run_pause, run_resume


class Command(BaseCommand):
    """See the module."""

    help = "List the newest runs, or move one: runs pause 7, runs resume 7, runs cancel 7, runs requeue 7."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A verb and a run, or nothing."""
        parser.add_argument("verb", nargs="?", choices=["list", "pause", "resume", "cancel", "requeue"], default="list")
        parser.add_argument("run", nargs="?", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """List or move."""
        verb, run_id = options["verb"], options["run"]
        if verb == "list":
            self._list()
            return
        if run_id is None:
            raise CommandError(f"runs {verb}: which run? Give its number, for instance: runs {verb} 7", returncode=2)
        try:
            self.stdout.write(_move(verb, run_id))
        except RunError as error:
            raise CommandError(str(error), returncode=2) from error

    def _list(self) -> None:
        for run in run_list():
            counts = ", ".join(f"{count} {status}" for status, count in run_counts(run.pk).items() if count)
            self.stdout.write(f"{run.pk:>5}  {run.status:<9}  seed {run.seed}  {run.episodes:,} episodes: {counts}")
        if started := last_slice_started():
            self.stdout.write(f"the last slice started {duration((timezone.now() - started).total_seconds())} ago")


def _move(verb: str, run_id: int) -> str:
    if verb == "pause":
        return f"run {run_id} is paused; {run_pause(run_id=run_id)} episodes were interrupted between two steps"
    if verb == "cancel":
        return f"run {run_id} is cancelled; {run_cancel(run_id=run_id, now=timezone.now())} episodes will not be played"
    if verb == "requeue":
        again = run_requeue(run_id=run_id)
        return f"{again} episodes of run {run_id} are tried again; if no worker is up: ./bin/studio synthesize --resume {run_id}"
    run_resume(run_id=run_id)
    return f"run {run_id} may go on; if no worker is up: ./bin/studio synthesize --resume {run_id}"
