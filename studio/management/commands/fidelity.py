"""``manage.py fidelity``: how faithfully a model simulates the tools of a domain, measured against their programs."""

from argparse import ArgumentParser
from time import sleep
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from studio.pipelines.fidelity import Line, Share, fidelity_run, lines, measure_here
from synthesis.services.fidelity import FidelityRefused


class Command(BaseCommand):
    """See the module."""

    help = "Measure a model as simulator of a domain's tools against their programs. Shows what it will cost; begins with --yes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom to measure, where, and how much."""
        parser.add_argument("--domain", required=True, metavar="SLUG", help="the domain whose newest release is used")
        parser.add_argument("--endpoint", required=True, metavar="SLUG", help="an endpoint that may play tools")
        parser.add_argument(
            "--calls", type=int, default=100, metavar="N", help="calls to measure, spread evenly over the tools (default 100)"
        )
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="which scenarios are drawn (default 1)")
        parser.add_argument("--yes", action="store_true", help="begin; without it only the cost is shown")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure here, in this process. Raises CommandError."""
        try:
            foreseen, report = measure_here(
                domain=options["domain"], endpoint=options["endpoint"], calls=options["calls"], seed=options["seed"], begin=options["yes"]
            )
        except FidelityRefused as refused:
            raise CommandError(str(refused), returncode=2) from None
        self.stderr.write(
            f"{foreseen.calls} calls of {foreseen.tools} tools: at most about {foreseen.tokens:,} tokens, "
            f"{foreseen.cost / 1_000_000:.2f} {foreseen.currency}"
        )
        if report is None:
            self.stderr.write("Begin with --yes.")
            return
        status = fidelity_run(report_id=report.pk)
        report.refresh_from_db()
        while report.open:  # a worker was quicker
            sleep(1)
            report.refresh_from_db()
            status = report.status
        self.stdout.write(_json(lines(report)) if options["json"] else "\n".join(_text(line) for line in lines(report)))
        if status != "done":
            raise CommandError(f"It ended early: {report.error or status}", returncode=1)


def _json(found: list[Line]) -> str:
    return msgspec.json.encode(found).decode()


def _text(line: Line) -> str:
    kinds = ", ".join(f"{kind} {number}" for kind, number in line.tool.kinds.items())
    name = line.tool.tool or "all tools"
    return f"{name:32} {line.tool.calls:5} calls  result {_share(line.results):22} state {_share(line.states):22} {kinds}".rstrip()


def _share(share: Share) -> str:
    return "-" if share.rate is None else f"{share.rate:.0%} ({share.low:.0%} to {share.high:.0%})"
