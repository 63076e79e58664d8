"""What stands beside the files of a dataset version: where the rows come from, who played and judged them, what that took.

Money is in millionths of a currency; "" where nobody knows in which. docs/formats.md tells the same to people.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from judging.engine.formats.usage import SeatUsage


class Wired(msgspec.Struct, frozen=True):
    """An endpoint as it stood when the files were written; ``provider`` and ``model`` are "" for one that was deleted."""

    provider: str = ""
    model: str = ""
    currency: str = ""


class SeatModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model in one seat (user, agent, tools) over the kept rows: how it was reached, the names under which it answered, digests of the
    prompts it was told, in how many rows it sat, what they took.
    """

    seat: str
    endpoint: str
    provider: str
    model: str
    answered_as: list[str]
    prompts: list[str]
    rows: int
    calls: int
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    cost: int
    currency: str


class JudgeModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of a judge: ``model`` is what it was when it judged, ``decoding`` the parameters of its calls."""

    endpoint: str
    provider: str
    model: str
    decoding: dict[str, Any]


class JudgeOfRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A judge whose word counted for kept rows: its version, the rubric it answered, the digest of its prompt ("" for programs), its
    models, and what judging these rows took.
    """

    version: str
    kind: str
    rubric: str
    rubric_version: str
    prompt: str
    models: list[JudgeModel]
    rows: int
    tokens: int
    cost: int
    currency: str


class Spent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In one currency: what the kept rows took in seats and judging, and what their runs took in all, rows that were not kept included."""

    currency: str
    rows: int
    runs: int


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every model that made or judged a row; all empty where none did."""

    seats: list[SeatModel]
    judges: list[JudgeOfRows]
    cost: list[Spent]


class FileSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file."""

    file: str
    rows: int
    bytes: int
    sha256: str


class RowSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kept row: its index, and the digest of its messages."""

    index: int
    digest: str


class RunSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of several runs; its episodes begin at ``first_index``."""

    seed: int
    first_index: int
    releases: dict[str, str]


class JudgeSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who judged: the kind of judge of the first row; the rubric, or all of them where domains or scenarios were asked different ones;
    ``trust`` are the badges of all judges by version.
    """

    kind: str | None
    version: str | list[str]
    rubric: str | list[str] | None
    rubric_version: str | list[str] | None
    trust: dict[str, Any]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``seeds`` and ``releases`` of the run the rows come from; of several, ``runs`` instead."""

    rule: dict[str, Any]
    counts: dict[str, Any]
    mean_quality: float | None
    judge: JudgeSaid
    models: Models
    files: dict[str, FileSaid]
    rows: list[RowSaid]
    seeds: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    releases: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    runs: list[RunSaid] | msgspec.UnsetType = msgspec.UNSET


def checked(text: bytes) -> bytes:
    """A manifest as JSON, which is what others read it as. Raises ValidationError where it does not fit its own form."""
    msgspec.json.decode(text, type=Manifest)
    return text


class Ledger:
    """Adds up what models took in the seats of rows, by seat and endpoint."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], tuple[int, SeatUsage]] = {}

    def add(self, models: Mapping[str, SeatUsage]) -> None:
        """One row."""
        for seat, usage in models.items():
            rows, before = self.found.get((seat, usage.endpoint), (0, SeatUsage(usage.endpoint)))
            self.found[seat, usage.endpoint] = rows + 1, before.plus(usage)

    def endpoints(self) -> set[str]:
        """Slugs of all that sat in a row."""
        return {endpoint for _seat, endpoint in self.found}

    def seats(self, wired: Mapping[str, Wired]) -> list[SeatModel]:
        """By seat and endpoint; ``wired`` tells what the endpoints are."""
        return [self._seat(seat, slug, wired.get(slug, Wired())) for seat, slug in sorted(self.found)]

    def _seat(self, seat: str, slug: str, wired: Wired) -> SeatModel:
        rows, took = self.found[seat, slug]
        return SeatModel(
            seat=seat,
            endpoint=slug,
            provider=wired.provider,
            model=wired.model,
            answered_as=took.models,
            prompts=took.prompts,
            rows=rows,
            calls=took.calls,
            attempts=took.attempts,
            prompt_tokens=took.prompt_tokens,
            completion_tokens=took.completion_tokens,
            cost=took.cost,
            currency=wired.currency,
        )
