"""Duplicates, exact and structural, in one pass over candidates that come best first."""

import msgspec


class Twin(msgspec.Struct, frozen=True):
    """Why a candidate is a duplicate, and of which kept index."""

    gate: str
    reason: str
    index: int


class Deduplicator:
    """Remembers digests of what was kept. Because candidates come best first (ties: lower index), the first one seen is the one to keep.

    Memory is two 32-byte digests for each kept row, whatever the size of the trajectories.
    """

    def __init__(self) -> None:
        self._exact: dict[bytes, int] = {}
        self._structural: dict[bytes, int] = {}

    def twin(self, index: int, exact: str, structural: str) -> Twin | None:
        """The twin of a candidate among those kept, or None; without a twin, the candidate is remembered as kept."""
        found = self.find(exact, structural)
        if found is None:
            self.keep(index, exact, structural)
        return found

    def find(self, exact: str, structural: str) -> Twin | None:
        """The twin of a candidate among those kept, or None."""
        key, shape = bytes.fromhex(exact), bytes.fromhex(structural)
        if key in self._exact:
            return Twin("exact_duplicate", "the same messages", self._exact[key])
        if shape in self._structural:
            return Twin("structural_duplicate", "the same calls to the same end", self._structural[shape])
        return None

    def keep(self, index: int, exact: str, structural: str) -> None:
        """Remember a candidate that is kept."""
        self._exact[bytes.fromhex(exact)] = self._structural[bytes.fromhex(structural)] = index
