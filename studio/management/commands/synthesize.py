"""``manage.py synthesize``: the main job, from domains to a dataset."""

import signal
from argparse import ArgumentParser, Namespace
from pathlib import Path
from time import monotonic
from typing import Any, TextIO, cast

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from judging.engine.formats.registry import FORMATS
from judging.services import ExportError
from studio.management.funnel import funnel_lines
from studio.management.new_run import DEFAULTS, NEW_RUN_ONLY, SEATS, add_new_run
from studio.management.progress import duration, shown
from studio.pipelines import attend, files, space
from studio.pipelines.crew import CrewLost
from studio.pipelines.judge_choice import judge_for
from studio.pipelines.launching import millionths
from synthesis.models import Run
from synthesis.selectors import runs
from synthesis.services.runs import RunError, run_pause, run_resume, run_start


class Command(BaseCommand):
    """See the module."""

    help = "Make a dataset: generate scenarios, play and judge episodes, keep the good ones, write files."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to make, where to, and how to tell of it. Defaults are suppressed, so that --resume notices what was given."""
        add_new_run(parser)
        parser.add_argument("--resume", default=None, metavar="RUN", help="go on with a run that was interrupted: its number, or last")
        parser.add_argument(
            "--workers",
            type=int,
            default=None,
            metavar="N",
            help="processes here; 0: leave it to workers elsewhere (default: cores, or 0 with a broker)",
        )
        parser.add_argument("--json", action="store_true", help="the last line of standard output is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start or resume, stay with the run, write its files, tell.

        Exit codes: 2 bad arguments, 130 interrupted, 1 anything else that failed.
        """
        given = Namespace(**options)
        workers = self._workers(given.workers)
        try:
            run = self._resumed(given) if given.resume is not None else self._started(given, workers)
        except (RunError, space.NoRoom) as error:
            raise CommandError(str(error), returncode=2) from error
        began, before = monotonic(), runs.run_counts(run.pk)["judged"]
        status = self._attend(run, workers)
        if status != "finished":
            run.refresh_from_db()
            why = f": {run.stopped['detail']}" if run.stopped else ""
            raise CommandError(f"Run {run.pk} is {status}{why}. {_how_to_go_on(run.pk, status)}", returncode=1)
        self._tell(run, began, before, as_json=given.json)

    def _workers(self, given: int | None) -> int:
        if given is not None and not 0 <= given <= 256:
            raise CommandError(f"--workers {given}: give a whole number from 0 to 256.", returncode=2)
        if given is not None:
            return given
        return 0 if attend.has_broker() else int(settings.STUDIO_WORKERS)

    def _started(self, given: Namespace, workers: int) -> Run:
        if not hasattr(given, "episodes"):
            raise RunError("--episodes", "it is missing", "Say how many, for instance: ./bin/studio synthesize --episodes 100")
        wanted = DEFAULTS | {name: getattr(given, name) for name in NEW_RUN_ONLY if hasattr(given, name)}
        for name in ("domains", "variations", "agent_seats", "format"):
            if not wanted[name] and hasattr(given, name):
                raise RunError(_flag(name), "it names nothing", "Give names separated by commas, or leave it out.")
        if hasattr(given, "agent") and hasattr(given, "agent_seats"):
            raise RunError("--agent-seats", "it cannot go with --agent", "Name all agents in --agent-seats.")
        agents = wanted["agent_seats"] or [wanted["agent"]]
        out = self._checked(wanted)
        run = run_start(
            seed=wanted["seed"],
            episodes=wanted["episodes"],
            domains=wanted["domains"],
            variations=wanted["variations"],
            slip_rate=wanted["slips"],
            threshold=wanted["threshold"],
            seats={**{seat: wanted[seat] for seat in SEATS}, "agent": agents[0]},
            rivals=agents[1:],
            plays=wanted["plays"],
            budget=millionths(wanted["budget"]),
            judge=judge_for(judges=wanted["judges"], rubric=wanted["rubric"], domains=wanted["domains"] or ()).body(),
            concurrency=workers or int(settings.STUDIO_WORKERS),
            options={
                "out": str(out) if out else None,
                "formats": wanted["format"],
                **{name: wanted[name] for name in ("simulate", "teams", "two_domains") if wanted[name]},
            },
        )
        for slug, lost in run.options.get("left_out", {}).items():
            self.stderr.write(
                f"{slug}: nobody simulates {', '.join(lost['tools'])}, so {', '.join(lost['intents']) or 'no intent'} is left out; "
                "seat a model with --tools model:NAME to play it"
            )
        self.stderr.write(
            f"run {run.pk}: {run.episodes:,} episodes, seed {run.seed}, {len(run.releases)} domains, {len(run.variations)} variations"
        )
        return run

    def _checked(self, wanted: dict[str, Any]) -> Path | None:
        """What the run service cannot know: formats, and room on the disks."""
        for name in wanted["format"]:
            if name not in FORMATS:
                raise RunError("--format", f"there is no format {name!r}", f"There are: {', '.join(FORMATS)}.")
        out = Path(wanted["out"]).expanduser().resolve() if wanted["out"] else None
        episodes = max(0, min(wanted["episodes"], 10_000_000))
        space.check_data(Path(settings.STUDIO_DATA), episodes)
        if out:
            space.check_out(out, episodes)
        return out

    def _resumed(self, given: Namespace) -> Run:
        extra = [_flag(name) for name in NEW_RUN_ONLY if hasattr(given, name)]
        if extra:
            raise RunError(
                "--resume",
                f"it cannot go with {', '.join(extra)}",
                "A run keeps what it was started with; leave that out, or start a new run.",
            )
        run = runs.run_last() if given.resume == "last" else runs.run_get(int(given.resume)) if given.resume.isdigit() else None
        if run is None and given.resume == "last":
            raise RunError("--resume", "no run is unfinished", "Start one with --episodes N; see ./bin/studio manage runs")
        if run is None:
            raise RunError("--resume", f"there is no run {given.resume!r}", "Give a number of ./bin/studio manage runs, or last.")
        if run.status != "finished":
            run_resume(run_id=run.pk)
        return run

    def _attend(self, run: Run, workers: int) -> str:
        if run.status == "finished":
            return "finished"
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with shown(cast("TextIO", self.stderr), run.episodes) as progress:
                return attend.attend(run_id=run.pk, workers=workers, show=progress.show, say=self.stderr.write)
        except KeyboardInterrupt:
            if workers:
                run_pause(run_id=run.pk)
                self.stderr.write(
                    f"\nInterrupted; run {run.pk} is paused and nothing is lost. Go on: ./bin/studio synthesize --resume {run.pk}"
                )
            else:
                self.stderr.write(
                    f"\nNo longer watching; workers go on with run {run.pk}. Watch again: ./bin/studio synthesize --resume {run.pk}"
                )
            raise SystemExit(130) from None
        except CrewLost as error:
            raise CommandError(f"Run {run.pk} stopped: {error}. {_how_to_go_on(run.pk, 'running')}") from error

    def _tell(self, run: Run, began: float, before: int, as_json: bool) -> None:
        try:
            written = files.write_files(run)
        except ExportError as error:
            again = f"Mend that, then write the files again: ./bin/studio synthesize --resume {run.pk}"
            raise CommandError(f"Run {run.pk} is finished, but its files could not be written. {error} {again}") from error
        seconds = monotonic() - began
        summary = files.summary(run, written, seconds, before)
        quality = "none" if summary.mean_quality is None else f"{summary.mean_quality:.2f} of 5"
        lines = [
            f"run {run.pk}, seed {run.seed}: {run.episodes:,} episodes in {duration(seconds)} ({summary.episodes_per_second:.1f}/s)",
            *funnel_lines(summary.funnel),
            f"mean quality of kept rows: {quality} (threshold {run.threshold})",
            *(f"{name}: {path}" for name, path in summary.files.items()),
        ]
        self.stdout.write("\n".join(lines))
        if as_json:
            self.stdout.write(msgspec.json.encode(summary).decode())


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _how_to_go_on(run_id: int, status: str) -> str:
    if status == "cancelled":
        return "A cancelled run cannot go on; start a new one."
    return f"Go on: ./bin/studio synthesize --resume {run_id}"
