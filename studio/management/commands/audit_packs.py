"""``manage.py audit_packs``: what is wrong with domain packs, where, and how to mend it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from studio.pipelines import catalog
from studio.pipelines.catalog import PackFile


class Command(BaseCommand):
    """See the module."""

    help = "Audit domain packs: parse, lint, seed, fuzz, bind, generate. Exit code 1 when a pack has errors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and what to do with the result."""
        parser.add_argument("files", nargs="*", metavar="FILE", help="pack files; none means all of the starter catalogue")
        parser.add_argument("--all", action="store_true", help="all packs of the starter catalogue")
        parser.add_argument("--write", action="store_true", help="remember passed audits in the catalogue, so that installing needs none")
        parser.add_argument("--json", action="store_true", help="print one JSON object per file")
        parser.add_argument("--seeds", type=int, default=catalog.WORLDS, metavar="N", help=f"world seeds to try (default {catalog.WORLDS})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Audit and print. Raises CommandError with exit code 1 for errors found, 2 for arguments that cannot work."""
        if not 5 <= options["seeds"] <= 500:
            raise CommandError(f"--seeds {options['seeds']}: give a whole number from 5 to 500.", returncode=2)
        if options["write"] and options["seeds"] != catalog.WORLDS:
            raise CommandError(f"--write remembers whole audits only: leave out --seeds, or give {catalog.WORLDS}.", returncode=2)
        everything = options["all"] or not options["files"]
        files = catalog.read_starter_packs() if everything else [catalog.read_pack(Path(path)) for path in options["files"]]
        starter = [file.pack for file in catalog.read_starter_packs() if file.pack]
        for file in files:
            catalog.audit_files([file], starter, options["seeds"], say=lambda path: self.stderr.write(f"auditing {path} ..."))
            self.stdout.write(as_json(file) if options["json"] else as_text(file))
        if options["write"]:
            count = catalog.remember_audits(files, keep_others=not everything)
            self.stderr.write(f"remembered {count} passed audits in {catalog.AUDITED_FILE}")
        bad = sum(1 for file in files if file.errors)
        if bad:
            raise CommandError(f"{bad} of {len(files)} packs have errors.", returncode=1)


def as_json(file: PackFile) -> str:
    """One line: file, slug, digest, findings and figures."""
    report = msgspec.to_builtins(file.report) if file.report else {}
    return msgspec.json.encode(
        {
            "file": file.path,
            "slug": file.pack.slug if file.pack else None,
            "digest": file.pack.digest if file.pack else None,
            "passed": not file.errors,
            "findings": file.findings,
            **{key: report.get(key) for key in ("seeds", "variations", "tried", "intents", "fuzzed", "writes")},
        }
    ).decode()


def as_text(file: PackFile) -> str:
    """A heading with figures, then a line for each finding."""
    name = file.pack.slug if file.pack else Path(file.path).name
    warnings = len(file.findings) - len(file.errors)
    lines = [f"{name}: {'FAILED' if file.errors else 'passed'}, {len(file.errors)} errors, {warnings} warnings"]
    if file.report and file.report.variations:
        report = file.report
        drawn = ", ".join(f"{variation} {count}" for variation, count in report.variations.items())
        lines.append(
            f"  {len(report.seeds)} seeds, {report.fuzzed:,} calls fuzzed ({report.writes:,} wrote), "
            f"scenarios of {report.tried} draws: {drawn}"
        )
    return "\n".join([*lines, *(f"  {finding}" for finding in file.findings)])
