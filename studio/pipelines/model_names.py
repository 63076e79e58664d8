"""What whoever may not see the names of models is shown instead: a reviewer who has not sealed is blind to them too.

Ask ``blindness.NamesSeen`` who may.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from synthesis.engine.participants.cast import model_of

HIDDEN = ("usage",)
"""Parts of a payload that tell which model wrote it, by name or by what it took."""


def seats_seen(seats: Mapping[str, str], *, names: bool) -> dict[str, str]:
    """Who plays; with ``names`` False a model is just ``model``."""
    return {seat: "model" if model_of(who) and not names else who for seat, who in seats.items()}


def agents_seen(agents: Sequence[str], *, names: bool) -> list[str]:
    """Who the agents are that a run compares; with ``names`` False models are told apart by number alone."""
    if names:
        return list(agents)
    numbers = {who: f"model {number}" for number, who in enumerate(filter(model_of, agents), 1)}
    return [numbers.get(who, who) for who in agents]


def payload_seen(payload: Mapping[str, Any], *, names: bool) -> dict[str, Any]:
    """An event's payload as it may be shown."""
    if names:
        return dict(payload)
    seen = {name: value for name, value in payload.items() if name not in HIDDEN}
    if isinstance(cast := seen.get("cast"), Mapping) and "seats" in cast:
        seen["cast"] = {**cast, "seats": seats_seen(cast["seats"], names=False)}
    return seen


def failure_seen(failure: Mapping[str, Any] | None, *, names: bool) -> dict[str, Any] | None:
    """Why an episode failed; its details may quote an endpoint."""
    if failure is None or names:
        return dict(failure) if failure is not None else None
    return {name: value for name, value in failure.items() if name != "detail"}


def stopped_seen(stopped: Mapping[str, Any] | None, *, names: bool) -> dict[str, Any] | None:
    """Why a run paused by itself."""
    if stopped is None or names:
        return dict(stopped) if stopped is not None else None
    return {"kind": stopped.get("kind", "")}


def tells(payload: Mapping[str, Any]) -> bool:
    """Whether a payload tells anything of a model at all; most do not, and nobody need ask who may see them."""
    cast = payload.get("cast")
    seats = cast.get("seats", {}) if isinstance(cast, Mapping) else {}
    return any(name in payload for name in HIDDEN) or any(model_of(who) for who in seats.values())
