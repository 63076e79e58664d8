"""A fault that a scenario plans."""

import msgspec


class PlannedFault(msgspec.Struct, frozen=True):
    """Strikes the ``nth`` (0-based) call of ``tool``. ``took_place``: for a write, whether it happened all the same."""

    tool: str
    nth: int
    kind: str
    took_place: bool = False
