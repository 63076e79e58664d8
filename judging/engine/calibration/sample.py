"""What is known of one judge: its answers beside the truth, and what it made of damaged trajectories."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec

Split = Literal["dev", "test"]
SPLITS: tuple[Split, ...] = ("dev", "test")
VERDICT = ""
"""In place of a criterion: whether the episode is good as a whole."""


def split_of(scenario: str) -> Split:
    """The part to which a scenario belongs, by its digest: half of them, and each always to the same one."""
    return "test" if hashlib.sha256(f"split|{scenario}".encode()).digest()[0] & 1 else "dev"


class Labelled(msgspec.Struct, frozen=True):
    """One criterion (or the verdict) of one episode that people labelled and the judge answered.

    ``truth`` and ``said`` are 0-5, of the verdict 0 or 1; ``good`` and ``passed`` on which side of the criterion's line that is. ``weight``
    says for how many episodes it stands; ``score`` is the judge's overall one (0-5), ``length`` the number of events.
    """

    criterion: str
    item: int
    episode: int
    scenario: str
    truth: int
    said: int
    good: bool
    passed: bool
    weight: float = 1.0
    score: float | None = None
    length: int = 0

    @property
    def split(self) -> Split:
        """Its part."""
        return split_of(self.scenario)


class Answers(msgspec.Struct, frozen=True):
    """What all people said of one criterion of one item, and what the judge said (None: does not apply, or not judged)."""

    criterion: str
    scenario: str
    said: int | None
    people: Sequence[int]


class Damaged(msgspec.Struct, frozen=True):
    """What the judge made of a damaged trajectory. ``place`` is where the damage begins in the log, 0-1; ``named``: for its reason."""

    kind: str
    scenario: str
    found: bool
    named: bool
    place: float
    length: int


class Whole(msgspec.Struct, frozen=True):
    """What the judge made of a trajectory that is known to be whole: a program played it without a slip."""

    scenario: str
    passed: bool


class Known(msgspec.Struct, frozen=True):
    """Everything that is known of a judge. ``state_wrong``: of episodes whose world came out wrong, how many it caught, and how many
    there are.
    """

    labelled: Sequence[Labelled]
    answers: Sequence[Answers]
    damaged: Sequence[Damaged]
    whole: Sequence[Whole]
    state_wrong: tuple[int, int] = (0, 0)
