"""From a finished episode to an assessment: replay its calls, ask the checks, answer the rubric, and take its digests. No database."""

from collections.abc import Mapping, Sequence

import msgspec

from judging.engine.case import Case
from judging.engine.formats.canonical import conversation, exact_digest, structural_digest
from judging.engine.formats.validity import Arguments, flaw_of
from judging.engine.judges.panel import Split
from judging.engine.judges.programmatic import Judged, judge
from judging.engine.rubric import Rubric
from synthesis.engine.chat.model import Usage
from synthesis.engine.episode.events import Event
from synthesis.engine.episode.ports import Worlds
from synthesis.engine.episode.trajectory import call_records, read_trajectory
from synthesis.engine.packs.model import Pack
from synthesis.engine.scenarios.scenario import Scenario


class FinishedEpisode(msgspec.Struct, frozen=True):
    """A finished episode as its player hands it over. ``episode`` is its key in the caller's store; ``events`` are its whole log."""

    episode: int
    scenario: Scenario
    events: Sequence[Event]


class Assessment(msgspec.Struct, frozen=True):
    """What judging found. ``flaw`` says why the trajectory is not a valid row ("" when it is)."""

    episode: int
    judged: Judged
    flaw: str
    exact_digest: str
    structural_digest: str
    splits: list[Split] = []
    usage: Usage = Usage(attempts=0)

    def by(self, judged: Judged, splits: Sequence[Split], usage: Usage) -> "Assessment":
        """The same episode as another judge sees it. ``splits`` are those of a panel, ``usage`` what asking took."""
        return msgspec.structs.replace(self, judged=judged, splits=list(splits), usage=usage)


async def case_of(item: FinishedEpisode, worlds: Worlds, packs: Mapping[str, Pack]) -> Case:
    """Replay the calls of an episode: everything a judge may look at."""
    trajectory = read_trajectory(item.events)
    return Case(item.scenario, packs, trajectory, await worlds.verify(item.scenario, call_records(trajectory)))


class Assessor:
    """Assesses episodes by one rubric; keeps compiled validators between them."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self._arguments = Arguments()

    async def assess(self, item: FinishedEpisode, worlds: Worlds, packs: Mapping[str, Pack]) -> Assessment:
        """Replay and judge one episode. ``packs`` holds, by slug, the packs of all its scenario's worlds."""
        return self.judge(item, await case_of(item, worlds, packs))

    def judge(self, item: FinishedEpisode, case: Case) -> Assessment:
        """Judge one episode whose calls were replayed."""
        trajectory = case.trajectory
        messages = conversation(trajectory)
        flaw = trajectory.problems[0] if trajectory.problems else flaw_of(messages, case.callable_tools, self._arguments)
        structure = structural_digest(trajectory, item.scenario.variation, case.language)
        return Assessment(item.episode, judge(case, self.rubric), flaw or "", exact_digest(messages), structure)
