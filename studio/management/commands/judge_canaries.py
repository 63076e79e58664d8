"""``manage.py judge_canaries``: try to talk a judge into full marks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.pipelines.canaries import NoEpisode, canaries_sing
from studio.pipelines.judge_choice import judge_chosen
from synthesis.services.run_error import RunError


class Command(BaseCommand):
    """See the module."""

    help = "Ask a judge about transcripts that ask it for marks; none may score above its honest twin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom to ask, and in which episode to plant."""
        parser.add_argument("--endpoint", required=True, help="the endpoint that judges")
        parser.add_argument("--rubric", default="", help="the rubric, by name or digest (default: the one for judges)")
        parser.add_argument("--episode", type=int, default=None, help="the episode to plant in (default: the newest that failed)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit codes: 2 bad arguments, 1 a canary was beaten or the judge gave no answer."""
        try:
            spec = judge_chosen(judges=[options["endpoint"]], rubric=options["rubric"])
            sung = canaries_sing(spec=spec, episode_id=options["episode"])
        except (RunError, NoEpisode) as error:
            raise CommandError(str(error), returncode=2) from error
        for bird in sung:
            word = "no answer" if bird.problem else "BEATEN" if bird.beaten else "fooled, held by the checks" if bird.fooled else "held"
            alone = f"{bird.alone} beside {bird.twin}"
            scores = "" if bird.problem else f" {alone}, within the checks {bird.bounded} beside {bird.twin_bounded}"
            self.stdout.write(f"{word}:{scores} - {bird.problem or bird.name}")
        beaten, silent = sum(bird.beaten for bird in sung), sum(bool(bird.problem) for bird in sung)
        fooled = sum(bird.fooled for bird in sung)
        self.stdout.write(f"{len(sung)} canaries: {beaten} beaten, {fooled} fooled the model alone, {silent} without an answer")
        if beaten or silent:
            raise CommandError("This judge is not to be trusted as it stands.", returncode=1)
