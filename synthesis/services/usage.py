"""What models took, tallied by endpoint, run, role and day; kept in memory for a while, since a write a call would cost more than it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from synthesis.engine.chat.model import Usage
from synthesis.models import ModelUsage


class Place(NamedTuple):
    """Whose usage it is."""

    endpoint_id: int
    run_id: int | None
    role: str
    day: date


class Sum(NamedTuple):
    """Sums over calls. ``failures`` are calls that brought no answer, ``called_off`` those that we broke off: what they took is guessed
    from above. ``cost`` in millionths.
    """

    calls: int = 0
    tries: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: int = 0
    seconds: float = 0.0
    called_off: int = 0


class Tally:
    """Adds up; ``take`` hands over what has come together, ``put_back`` takes it again where it could not be stored."""

    def __init__(self) -> None:
        self.sums: dict[Place, Sum] = {}

    def add(self, place: Place, usage: Usage | None, tries: int = 1, *, called_off: bool = False) -> None:
        """One call; None for one that failed after so many ``tries``."""
        more = Sum(1, tries, failures=1)
        if usage:
            more = Sum(
                1,
                usage.attempts,
                0,
                usage.prompt_tokens,
                usage.completion_tokens,
                usage.cached_tokens,
                usage.cost,
                usage.seconds,
                int(called_off),
            )
        self.put_back({place: more})

    def put_back(self, sums: Mapping[Place, Sum]) -> None:
        """Add whole sums."""
        for place, more in sums.items():
            before = self.sums.get(place, Sum())
            self.sums[place] = Sum._make(one + other for one, other in zip(before, more, strict=True))

    def take(self) -> dict[Place, Sum]:
        """What was added since the last time."""
        taken, self.sums = self.sums, {}
        return taken


def usage_add(*, sums: Mapping[Place, Sum]) -> None:
    """Add sums to the stored ones, in one transaction and one order, so that two workers never wait for each other in a ring."""
    with transaction.atomic():
        for place in sorted(sums, key=lambda place: (place.endpoint_id, place.run_id or 0, place.role, place.day)):
            row, _created = ModelUsage.objects.get_or_create(**place._asdict())
            more = {name: F(name) + value for name, value in sums[place]._asdict().items()}
            ModelUsage.objects.filter(pk=row.pk).update(**more)
