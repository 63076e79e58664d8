"""An episode as a cell of a run's grid: how it stands, and what its judges said where the reader may know."""

from typing import NamedTuple

from django.utils.functional import Promise

from judging.selectors.verdicts import Verdict
from studio.web.runs.filters import VERDICT_WORDS
from studio.web.runs.states import EPISODE_STATES
from synthesis.models import Episode

CAME_TO_NOTHING = frozenset({"failed", "unfilled"})


class Cell(NamedTuple):
    """``word`` says how the episode stands, ``sign`` does so in one character, ``kind`` gives the colour."""

    episode: Episode
    word: str | Promise
    sign: str
    kind: str


def cell_of(episode: Episode, verdict: Verdict | None) -> Cell:
    """``verdict`` is None for what is not judged and for those who may not see it."""
    if verdict is not None:
        kind, sign = ("passed", "✓") if verdict.passed else ("not-passed", "✗")
        return Cell(episode, VERDICT_WORDS["passed" if verdict.passed else "failed"], sign, kind)
    sign = f"▸{episode.next_seq}" if episode.status == "playing" else "✕" if episode.status in CAME_TO_NOTHING else ""
    return Cell(episode, EPISODE_STATES[episode.status][1], sign, episode.status)
