"""What an evolution is asked for, and what is next to be done on each of its drafts."""

import random
from collections.abc import Sequence

import msgspec

from synthesis.engine.evolution.ideas import NAME
from synthesis.engine.evolution.similarity import ToolView
from synthesis.engine.packs.findings import Finding

MOST = {"categories": 10, "domains": 20, "personas": 30, "agents": 30, "lines": 12, "wordings": 20}
SEEDS = 6
"""Tools of existing domains that an author is given as a beginning."""


class Wanted(msgspec.Struct, frozen=True):
    """New key ``categories``, and ``domains`` in each of them; or ``domains`` of an existing ``category``, or siblings of the domain
    ``parent``. ``personas`` in each language, ``agents``; ``wordings``: slugs of domains whose intents get ``lines`` more openings each."""

    categories: int = 0
    domains: int = 0
    category: str = ""
    parent: str = ""
    personas: int = 0
    agents: int = 0
    wordings: list[str] = []
    lines: int = 3


class Round(msgspec.Struct, frozen=True):
    """What one audit of a draft found, after ``repairs`` repairs."""

    repairs: int
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        """Findings that forbid publishing."""
        return [finding for finding in self.findings if finding.severity == "error"]


def problem_of(wanted: Wanted) -> tuple[str, str]:
    """The field that cannot be as it is and why, in a sentence; ("", "") when all is well."""
    for name, most in MOST.items():
        value = getattr(wanted, name)
        if not 0 <= (len(value) if isinstance(value, list) else value) <= most:
            return name, f"Ask for 0 to {most}."
    places = [bool(wanted.categories), bool(wanted.category), bool(wanted.parent)]
    if sum(places) > 1:
        return "domains", "Ask for new categories, for domains of one category, or for siblings of one domain: one of the three."
    if sum(places) and not wanted.domains:
        return "domains", "Say how many domains."
    if wanted.domains and not sum(places):
        return "domains", "Say where: in new categories, in one that is there, or beside a domain."
    if wanted.category and not NAME.match(wanted.category):
        return "category", "A category is small letters, digits and underscores."
    if wanted.wordings and not wanted.lines:
        return "lines", "Say how many openings."
    if not (wanted.domains or wanted.personas or wanted.agents or wanted.wordings):
        return "domains", "Ask for something."
    return "", ""


def seeds_for(tools: Sequence[ToolView], seed: str, number: int = SEEDS) -> list[ToolView]:
    """Tools to begin from, of as many domains as there are; the same ones for the same ``seed``."""
    rng = random.Random(seed)
    mixed = rng.sample(list(tools), len(tools))
    by_domain: dict[str, ToolView] = {}
    for tool in mixed:
        by_domain.setdefault(tool.domain, tool)
    first = list(by_domain.values())
    return (first + [tool for tool in mixed if tool not in first])[:number]
