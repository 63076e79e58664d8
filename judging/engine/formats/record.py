"""What a writer is given: one episode with its judgement, complete and free of anything that depends on a database or the clock."""

from collections.abc import Mapping
from typing import Any

import msgspec

from judging.engine.formats.canonical import CanonicalMessage
from judging.engine.formats.pairs import Pair
from judging.engine.formats.usage import SeatUsage
from synthesis.engine.episode.trajectory import Trajectory
from synthesis.engine.packs.model import Tool
from synthesis.engine.participants.cast import Cast
from synthesis.engine.scenarios.scenario import Scenario


class JudgementSheet(msgspec.Struct, frozen=True):
    """Who judged and what came out. ``scores`` are ``{criterion, value, reason, evidence}``; ``checks`` maps every check to 0-1, null
    where it did not apply.
    """

    judge: str
    judge_version: str
    rubric: str
    rubric_version: str
    overall: float | None
    process_credit: float
    scores: list[dict[str, Any]]
    checks: dict[str, float | None]


class Record(msgspec.Struct, frozen=True):
    """One kept episode to be written. ``tools`` are the offered ones by offered name, ``slip`` the truth about a slip (null in a kept row,
    unless a judge missed it), ``pairs`` those in which this is the better play, ``models`` what models took in its
    seats.
    """

    index: int
    run_seed: int
    episode_seed: int
    scenario: Scenario
    cast: Cast
    trajectory: Trajectory
    messages: list[CanonicalMessage]
    system: str
    tools: Mapping[str, Tool]
    judgement: JudgementSheet
    slip: dict[str, Any] | None = None
    pairs: list[Pair] = []
    models: Mapping[str, SeatUsage] = {}
