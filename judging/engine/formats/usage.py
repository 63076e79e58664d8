"""What models took for an episode, seat by seat, folded from its log."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from synthesis.engine.episode.events import Event
from synthesis.engine.participants.cast import model_of


class SeatUsage(msgspec.Struct, frozen=True):
    """The model that played a seat: its endpoint, the names under which it answered, and what it took. ``cost`` in millionths of the
    endpoint's currency; ``calls`` counts answers, ``attempts`` every try; ``prompts`` are digests of what it was told.
    """

    endpoint: str
    models: list[str] = []
    calls: int = 0
    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int = 0
    prompts: list[str] = []

    def plus(self, other: "SeatUsage") -> "SeatUsage":
        """Both together, at this one's endpoint."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in ("calls", *COUNTED)}
        names = {name: sorted({*getattr(self, name), *getattr(other, name)}) for name in ("models", "prompts")}
        return msgspec.structs.replace(self, **sums, **names)


COUNTED = ("attempts", "prompt_tokens", "completion_tokens", "cost")


def usage_by_seat(events: Sequence[Event], seats: Mapping[str, str]) -> dict[str, SeatUsage]:
    """The seats (user, agent, tools) that models played or answered for; scripted ones are left out."""
    found = {seat: SeatUsage(slug) for seat, who in sorted(seats.items()) if (slug := model_of(who))}
    for event in events:
        if usage := event.payload.get("usage"):
            seat = "tools" if event.kind == "tool_result" else str(event.payload.get("role", ""))
            found[seat] = found.get(seat, SeatUsage("")).plus(_told(usage))
    return found


def _told(usage: Mapping[str, Any]) -> SeatUsage:
    models, prompts = ([str(usage[key])] if usage.get(key) else [] for key in ("model", "prompt"))
    attempts, asked, answered, cost = (int(usage.get(name, 0)) for name in COUNTED)
    return SeatUsage("", models, 1, attempts, asked, answered, cost, prompts)
