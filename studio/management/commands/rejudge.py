"""``manage.py rejudge``: judge the episodes of a run again, without playing them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from judging.selectors.rejudging import FLIPS, compared, rejudging_get
from judging.services.rejudging import RejudgingError, rejudging_adopt
from studio.pipelines.judge_choice import judge_for
from studio.pipelines.rejudge_estimate import Estimate, estimate
from studio.pipelines.rejudging import rejudge_ask, rejudge_run
from synthesis.selectors import runs
from synthesis.services.run_error import RunError

MILLION = 1_000_000


class Command(BaseCommand):
    """See the module."""

    help = "Judge the episodes of a run again, by other judges or under another rubric; tells what it costs first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The run, the judge, the episodes."""
        parser.add_argument("run", type=int, help="number of the run")
        parser.add_argument("--judges", default="", metavar="A,B", help="endpoints: one model, or several as a panel (default: the checks)")
        parser.add_argument(
            "--rubric", default="", metavar="NAME", help="the rubric, by name or digest (default: what scenarios and domains want)"
        )
        parser.add_argument("--verdict", choices=["passed", "failed"], default="", help="only episodes with this verdict so far")
        parser.add_argument("--domain", default="", help="only this domain")
        parser.add_argument("--variation", default="", help="only this variation")
        parser.add_argument("--yes", action="store_true", help="do not ask whether the cost is all right")
        parser.add_argument("--adopt", action="store_true", help="let what is found decide")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit codes: 2 bad arguments, 1 it stopped or failed."""
        run = runs.run_get(options["run"])
        if run is None:
            raise CommandError(f"There is no run {options['run']}.", returncode=2)
        filters = {name: options[name] for name in ("verdict", "domain", "variation") if options[name]}
        judges = [name.strip() for name in options["judges"].split(",") if name.strip()]
        try:
            spec = judge_for(judges=judges, rubric=options["rubric"], domains=list(run.releases))
            said = estimate(run=run, spec=spec, filters=filters)
            self.stderr.write(_words(said))
            if not options["yes"] and input("Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
                raise CommandError("Nothing was judged.", returncode=1)
            job = rejudge_ask(actor=None, run=run, spec=spec, filters=filters, said=said)
        except (RunError, RejudgingError) as error:
            raise CommandError(str(error), returncode=2) from error
        status = rejudge_run(rejudging_id=job.pk)
        self._tell(job.pk, status, adopt=options["adopt"])

    def _tell(self, rejudging_id: int, status: str, *, adopt: bool) -> None:
        job = rejudging_get(rejudging_id)
        assert job is not None
        if status != "done":
            why = job.problem or (f"it waits until {job.not_before:%H:%M:%S}" if job.not_before else status)
            raise CommandError(f"{job.done} of {job.episodes} are judged: {why}. A worker goes on; see /rejudging/{job.pk}/", returncode=1)
        found = compared(job)
        self.stdout.write(
            f"{job.done} episodes, cost {job.cost / MILLION:.6f} {job.estimate.get('currency', '')}, {job.errors} judge errors"
        )
        self.stdout.write(
            f"passed {found.before.passed} -> {found.after.passed}, mean {_score(found.before.mean)} -> {_score(found.after.mean)}"
        )
        for old in FLIPS:
            self.stdout.write(f"  {old:>6} -> " + ", ".join(f"{new} {found.matrix.get((old, new), 0)}" for new in FLIPS))
        if adopt:
            try:
                number = rejudging_adopt(rejudging_id=job.pk, by="", now=timezone.now())
            except RejudgingError as error:
                raise CommandError(str(error), returncode=1) from error
            self.stdout.write(f"{number} of the new judgements decide now")


def _words(said: Estimate) -> str:
    if said.basis == "free":
        return f"{said.episodes} episodes; checks cost nothing."
    amounts = [f"{value / MILLION:.6f}" for value in (said.expected, said.low, said.high)]
    basis = "by what such a judge took before" if said.basis == "past" else "guessed from lengths and prices"
    return f"{said.episodes} episodes cost about {amounts[0]} {said.currency}, between {amounts[1]} and {amounts[2]} ({basis})."


def _score(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
