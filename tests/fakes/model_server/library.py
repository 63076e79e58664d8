"""What the fake provider knows of an episode: its scenario, cast and packs, read from the studio's own database and kept for a while.

It reads and never writes. For the judge it also reads the log and runs the checks, as the programmatic judge does.
"""

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from judging.engine.assessment import Assessor, FinishedEpisode
from judging.models import Mutant
from judging.services.rubrics import starter_rubric
from synthesis.adapters.starlark import StarlarkInterpreter
from synthesis.engine.environments.local import LocalWorlds
from synthesis.engine.episode.events import Event
from synthesis.engine.packs.model import Pack
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario
from synthesis.models import Episode
from synthesis.models import Scenario as ScenarioRow
from synthesis.selectors import catalog
from synthesis.services.claims import read_logs
from synthesis.services.database import DatabaseThread
from tests.fakes.model_server.play import Play

KEPT = 4096
"""Episodes that are remembered."""


class Damaged(NamedTuple):
    """A play that was damaged on purpose: whose, and its log."""

    episode: int
    log: list[Event]


class Library:
    """Plays by the key of their episode. ``database`` is a thread that may read the studio's database."""

    def __init__(self, database: DatabaseThread) -> None:
        self.database = database
        self.plays: OrderedDict[int, Play] = OrderedDict()
        self.packs: dict[str, Pack] = {}
        self.worlds = LocalWorlds(self.packs.__getitem__, StarlarkInterpreter())
        self.assessor = Assessor(starter_rubric())

    async def play(self, episode: int) -> Play | None:
        """The play of an episode; None where there is no such episode, or none with a scenario."""
        if episode not in self.plays:
            found = await self.database.run(self._read, episode)
            if found is None:
                return None
            self.plays[episode] = found
            if len(self.plays) > KEPT:
                self.plays.popitem(last=False)
        return self.plays[episode]

    async def checked(self, episode: int) -> Play | None:
        """The same with what the checks say of its log as it stands; of a damaged play (below 0) what they say of that."""
        damaged = await self.database.run(self._damaged, -episode) if episode < 0 else None
        if episode < 0 and damaged is None:
            return None
        play = await self.play(damaged.episode if damaged else episode)
        if play is None:
            return None
        log = damaged.log if damaged else (await self.database.run(read_logs, [episode])).get(episode, [])
        if not log or log[-1].kind != "episode_ended":
            return play
        assessment = await self.assessor.assess(FinishedEpisode(episode, play.scenario, log), self.worlds, play.packs)
        return play._replace(checked=assessment.judged)

    def _damaged(self, mutant: int) -> Damaged | None:
        row = Mutant.objects.filter(pk=mutant).first()
        return Damaged(row.episode_id, msgspec.convert(row.events, list[Event])) if row else None

    def _read(self, episode: int) -> Play | None:
        row = Episode.objects.filter(pk=episode, scenario__isnull=False).values("cast", "seed", "scenario_id").first()
        if row is None:
            return None
        body = ScenarioRow.objects.values_list("body", flat=True).get(pk=row["scenario_id"])
        scenario = msgspec.convert(body, Scenario)
        wanted = {world.release for world in scenario.worlds}
        self.packs |= catalog.packs(sorted(wanted - self.packs.keys()))
        packs = {world.domain: self.packs[world.release] for world in scenario.worlds}
        return Play(episode, scenario, msgspec.convert(row["cast"], Cast), packs, row["seed"])
