"""``manage.py evolve``: let a model extend the catalogue, without a browser."""

import time
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.pipelines.evolving import evolution_ask, evolution_run
from synthesis.engine.evolution.wanted import Wanted
from synthesis.models import DraftStage, Evolution
from synthesis.selectors import evolutions
from synthesis.services.evolutions import EvolutionRefused

LOOK = 2.0
"""Seconds between two looks at an evolution that waits or that somebody else works on."""
MILLION = 1_000_000


def names(text: str) -> list[str]:
    """A comma-separated list."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


class Command(BaseCommand):
    """See the module."""

    help = (
        "Let a model extend the catalogue: key categories, domains with their tools, personas, agents, wordings. "
        "What passes the audit waits on the page Evolution to be accepted, or is published at once with --publish."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to ask for, of whom, and for how much at most."""
        parser.add_argument("--endpoint", metavar="SLUG", help="the model endpoint that writes; its purposes include author")
        parser.add_argument("--categories", type=int, default=0, metavar="N", help="new key categories")
        parser.add_argument("--domains", type=int, default=0, metavar="N", help="domains in each category, or beside a domain")
        parser.add_argument("--category", default="", metavar="NAME", help="domains in this key category instead of new ones")
        parser.add_argument("--beside", default="", metavar="SLUG", help="siblings of this domain")
        parser.add_argument("--personas", type=int, default=0, metavar="N", help="personas in each language")
        parser.add_argument("--agents", type=int, default=0, metavar="N", help="agent profiles")
        parser.add_argument("--wordings", type=names, default=[], metavar="A,B", help="more wordings for the intents of these domains")
        parser.add_argument("--lines", type=int, default=3, metavar="N", help="new openings for each intent and language (default 3)")
        parser.add_argument("--cap", default="", metavar="MONEY", help="most that it may cost, in the endpoint's currency, such as 2.50")
        parser.add_argument("--publish", action="store_true", help="publish what passes without asking")
        parser.add_argument("--resume", type=int, default=None, metavar="ID", help="stay with one that was asked for already")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, work here until it is over, tell. Exit codes: 2 bad arguments, 1 when it ended otherwise than done or nothing passed."""
        row = self._resumed(options["resume"]) if options["resume"] is not None else self._asked(options)
        self.stderr.write(f"evolution {row.pk} by {row.endpoint}")
        status = self._stay(row.pk)
        passed = self._tell(row.pk)
        if status != "done":
            note = f" {row.note}" if (row := _row(row.pk)).note else ""
            raise CommandError(f"Evolution {row.pk} is {status}.{note} Go on with: evolve --resume {row.pk}", returncode=1)
        if not passed:
            raise CommandError(f"Nothing of evolution {row.pk} passed.", returncode=1)

    def _asked(self, options: dict[str, Any]) -> Evolution:
        if not options["endpoint"]:
            raise CommandError("--endpoint: name the model endpoint that writes.", returncode=2)
        taken = ("categories", "domains", "category", "personas", "agents", "wordings", "lines")
        wanted = Wanted(**{name: options[name] for name in taken}, parent=options["beside"])
        try:
            return evolution_ask(
                actor=None, endpoint=options["endpoint"], wanted=wanted, at_once=options["publish"], limit=_millionths(options["cap"])
            )
        except EvolutionRefused as refused:
            name = {"parent": "beside", "limit": "cap"}.get(refused.field, refused.field)
            raise CommandError(f"--{name}: {refused}" if name else str(refused), returncode=2) from None

    def _resumed(self, evolution_id: int) -> Evolution:
        row = evolutions.evolution(evolution_id)
        if row is None:
            raise CommandError(f"--resume {evolution_id}: there is no such evolution.", returncode=2)
        if row.status not in {"queued", "working"}:
            raise CommandError(f"--resume {evolution_id}: it is {row.status}. Resume what is paused on its page first.", returncode=2)
        return row

    def _stay(self, evolution_id: int) -> str:
        """Work on it, or wait for whoever does. Returns the status in which it came to rest."""
        while True:
            status = evolution_run(evolution_id=evolution_id, told=lambda line: self.stderr.write(f"  {line}"))
            if status not in {"queued", "working", "lost"}:
                return status
            row = _row(evolution_id)
            if row.status not in {"queued", "working"}:
                return row.status
            if row.status == "working" or row.not_before:
                time.sleep(LOOK)

    def _tell(self, evolution_id: int) -> int:
        """A line for each draft; returns how many passed."""
        passed = 0
        for draft in evolutions.drafts_of(evolution_id):
            if draft.kind == "category":
                continue
            good = draft.stage in {DraftStage.PASSED, DraftStage.PUBLISHED}
            passed += good
            note = f": {draft.problem}" if draft.problem else ""
            self.stdout.write(
                f"{draft.kind:<8}  {draft.slug:<32}  {draft.stage:<9}  {draft.repairs} repairs  {draft.cost / MILLION:.4f}{note}"
            )
        row = _row(evolution_id)
        self.stdout.write(f"{passed} passed, {row.spent / MILLION:.4f} spent")
        for step, problem in row.problems.items():
            self.stdout.write(f"{step}: {problem}")
        return passed


def _row(evolution_id: int) -> Evolution:
    row = evolutions.evolution(evolution_id)
    assert row is not None
    return row


def _millionths(text: str) -> int | None:
    if not text:
        return None
    try:
        money = Decimal(text)
    except InvalidOperation:
        raise CommandError(f"--cap {text}: give an amount such as 2.50.", returncode=2) from None
    if not Decimal(0) < money < Decimal(10**9):
        raise CommandError(f"--cap {text}: give an amount above nothing.", returncode=2)
    return int(money * MILLION)
