"""Who judges a run: what its starter chose, as it is stored in ``Run.judge``."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

MOST_MEMBERS = 9
"""A panel of more is no better and costs more."""


class JudgeSpec(msgspec.Struct, frozen=True):
    """``kind`` of judge; the ``endpoints`` that it asks: none, one, or the members of a panel; the digest of the ``rubric`` version that it
    answers, "" for the one that such a judge answers by default.
    """

    kind: Literal["programmatic", "model", "panel"] = "programmatic"
    endpoints: list[str] = []
    rubric: str = ""

    @property
    def asks_models(self) -> bool:
        """Whether it costs anything."""
        return self.kind != "programmatic"

    def body(self) -> dict[str, Any]:
        """As it is stored."""
        return {"kind": self.kind, "endpoints": list(self.endpoints), "rubric": self.rubric}


def spec_of(stored: Mapping[str, Any] | None) -> JudgeSpec:
    """What ``Run.judge`` says; of a run from before there were others, the programmatic judge."""
    return msgspec.convert(dict(stored or {}), JudgeSpec)


def problem_of(spec: JudgeSpec, usable: Collection[str]) -> str:
    """Why nobody can judge like this, in one sentence; "" when somebody can. ``usable`` are the endpoints that may judge."""
    if spec.kind == "programmatic":
        return "The programmatic judge asks no endpoint." if spec.endpoints else ""
    if spec.kind == "model" and len(spec.endpoints) != 1:
        return "A model judge asks one endpoint."
    if spec.kind == "panel" and not 2 <= len(spec.endpoints) <= MOST_MEMBERS:
        return f"A panel asks two to {MOST_MEMBERS} endpoints."
    if len(set(spec.endpoints)) != len(spec.endpoints):
        return "An endpoint sits on a panel once."
    missing = [slug for slug in spec.endpoints if slug not in usable]
    return f"No endpoint in use that may judge is called {missing[0]!r}." if missing else ""
