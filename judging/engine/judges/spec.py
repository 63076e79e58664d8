"""Who judges a run: what its starter chose, as it is stored in ``Run.judge``."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

MOST_MEMBERS = 9
"""A panel of more is no better and costs more."""


class JudgeSpec(msgspec.Struct, frozen=True):
    """``kind`` of judge; the ``endpoints`` that it asks: none, one, or the members of a panel; the digest of the ``rubric`` version that it
    answers, "" for the one that such a judge answers by default.

    ``domains`` and ``scenarios`` are digests of other rubric versions, by slug of a domain and digest of a scenario: what is asked there
    instead. Both are empty where whoever started it named a rubric: a named one is asked of every episode.
    """

    kind: Literal["programmatic", "model", "panel"] = "programmatic"
    endpoints: list[str] = []
    rubric: str = ""
    domains: dict[str, str] = {}
    scenarios: dict[str, str] = {}

    def rubric_for(self, scenario: str, domain: str) -> str:
        """The digest of the rubric version for an episode of this scenario (by digest), whose own domain (by slug) is ``domain``."""
        return self.scenarios.get(scenario) or self.domains.get(domain) or self.rubric

    @property
    def rubrics(self) -> list[str]:
        """The digests of all versions that may be answered, that of ``rubric`` first."""
        return list(dict.fromkeys([self.rubric, *self.domains.values(), *self.scenarios.values()]))

    def under(self, rubric: str) -> "JudgeSpec":
        """The same judge with one rubric version for everything."""
        return JudgeSpec(self.kind, self.endpoints, rubric)

    @property
    def asks_models(self) -> bool:
        """Whether it costs anything."""
        return self.kind != "programmatic"

    def body(self) -> dict[str, Any]:
        """As it is stored."""
        attached = {name: dict(by) for name, by in (("domains", self.domains), ("scenarios", self.scenarios)) if by}
        return {"kind": self.kind, "endpoints": list(self.endpoints), "rubric": self.rubric, **attached}


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
