"""Two plays side by side, as the comparison page shows them."""

from typing import NamedTuple

import msgspec

from studio.pipelines.value_view import Body, body_of, whole_json
from studio.pipelines.world_view import short
from synthesis.engine.episode.alignment import Pair, Step, aligned
from synthesis.engine.episode.trajectory import Call, Trajectory, read_trajectory
from synthesis.selectors import episodes


class Side(NamedTuple):
    """A call as one side shows it: ``changed`` are the arguments that the other side has otherwise or not at all."""

    step: Step
    arguments: list[tuple[str, str, bool]]
    error: str
    result: Body


class Row(NamedTuple):
    """One row of the comparison; ``first`` marks where the plays part."""

    pair: Pair
    left: Side | None
    right: Side | None
    first: bool


def rows_of(left: int, right: int) -> list[Row]:
    """The calls of two episodes, aligned."""
    pairs = aligned(*(_steps(read_trajectory(episodes.log_of(episode))) for episode in (left, right)))
    parting = next((position for position, pair in enumerate(pairs) if pair.parts), -1)
    return [
        Row(pair, _side(pair.left, pair.right), _side(pair.right, pair.left), position == parting) for position, pair in enumerate(pairs)
    ]


def _steps(trajectory: Trajectory) -> list[Step]:
    return [
        Step(call.seq, call.name, call.arguments, _outcome(call), call.result_seq, call.requestor == "user")
        for call in trajectory.all_calls
    ]


def _outcome(call: Call) -> dict[str, object] | None:
    if call.outcome is None:
        return None
    return {"error": msgspec.to_builtins(call.outcome.error)} if call.outcome.error else {"result": call.outcome.result}


def _side(step: Step | None, other: Step | None) -> Side | None:
    if step is None:
        return None
    mine = step.arguments if isinstance(step.arguments, dict) else {"": step.arguments}
    theirs = other.arguments if other and isinstance(other.arguments, dict) else {}
    missing = object()
    arguments = [(str(name), short(value), other is not None and theirs.get(name, missing) != value) for name, value in mine.items()]
    outcome = step.outcome or {}
    error = outcome.get("error") or {}
    return Side(step, arguments, str(error.get("code", "")), body_of(whole_json(outcome["result"]) if "result" in outcome else ""))
