"""Personas and agent profiles as people write them: what they may hold, and what is wrong with one that holds something else."""

import re
from collections.abc import Iterator, Sequence

from synthesis.engine.language.wording import FORMALITIES, MOODS, TONES
from synthesis.engine.packs.findings import Finding
from synthesis.engine.packs.model import LANGUAGES
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.factory import MOST_RULES, VARIED, misfits

BREVITIES = ("terse", "normal", "chatty")
ASKS = ("together", "one_by_one")
MOST_TYPOS = 0.1
TAKEN = frozenset({"new", "sample"})
"""Slugs that are names of pages."""
LONGEST = {"name": 120, "background": 600, "role": 200, "line": 200}
"""Characters of a text; ``line`` is one preference, rule or capability."""
MOST_LINES = 12

MOST_COLLEAGUES = 5

MISFIT = "speaks of a habit that this agent does not have."

_TOOLS = re.compile(r"[a-z0-9_*]{1,80}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def persona_findings(persona: Persona) -> list[Finding]:
    """What is wrong with a persona; ``place`` is the field."""
    return [
        *_slug(persona.slug),
        *_text("name", persona.name),
        *_text("background", persona.background),
        *_one_of("language", persona.language, tuple(LANGUAGES)),
        *_one_of("formality", persona.formality, FORMALITIES),
        *_one_of("brevity", persona.brevity, BREVITIES),
        *_one_of("mood", persona.mood, MOODS),
        *_between("typos", persona.typos, 0, MOST_TYPOS),
        *_between("patience", persona.patience, 1, 5),
        *_between("expertise", persona.expertise, 1, 5),
        *_lines("preferences", persona.preferences, MOST_LINES),
    ]


def agent_findings(agent: AgentProfile) -> list[Finding]:
    """What is wrong with an agent profile; ``place`` is the field. One that asks for no yes before writes is warned of: it fails on
    purpose.
    """
    found = [
        *_slug(agent.slug),
        *_text("role", agent.role),
        *_one_of("tone", agent.tone, TONES),
        *_one_of("asks", agent.asks, ASKS),
        *_lines("rules", agent.rules, MOST_RULES),
        *_lines("capabilities", agent.capabilities, MOST_LINES),
        *_toolset(agent.toolset),
        *_colleagues(agent),
        *(
            Finding("rules", f"“{rule}” {MISFIT}", "Give it the habit, or take the rule out.")
            for rule in agent.rules
            if misfits(rule, agent)
        ),
    ]
    if not agent.confirms:
        problem = "It asks for no yes before a change, so it breaks the policy of most domains."
        found.append(Finding("confirms", problem, "Use it for runs that are meant to fail.", severity="warning"))
    return found


def _toolset(rules: Sequence[str]) -> Iterator[Finding]:
    yield from _lines("toolset", rules, MOST_LINES)
    for rule in rules:
        if not _TOOLS.fullmatch(rule):
            yield Finding("toolset", f"“{rule}” names no tools.", "Write lookups, changes, or a tool's name, where * stands for anything.")


def _colleagues(agent: AgentProfile) -> Iterator[Finding]:
    slugs = [colleague.slug for colleague in agent.colleagues]
    if len(slugs) > MOST_COLLEAGUES:
        yield Finding("colleagues", f"These are {len(slugs)} colleagues.", f"Keep at most {MOST_COLLEAGUES}.")
    if len(set(slugs)) < len(slugs) or agent.slug in slugs:
        yield Finding("colleagues", "Somebody is named twice, or the agent itself.", "Name everybody else once.")
    for colleague in agent.colleagues:
        if not _SLUG.fullmatch(colleague.slug):
            yield Finding("colleagues", f"“{colleague.slug}” is not the short name of an agent.", "Write it as its page does.")
        if not 0 < len(colleague.when.strip()) <= LONGEST["line"] or "\n" in colleague.when:
            yield Finding("colleagues", f"When to transfer to {colleague.slug} is empty or too long.", "Say it in one line.")


def _slug(slug: str) -> Iterator[Finding]:
    if not _SLUG.fullmatch(slug):
        yield Finding("slug", "This is not a short name.", "Use small letters, digits, - and _, at most 80, the first one no - or _.")
    elif slug in TAKEN:
        yield Finding("slug", f"“{slug}” is the name of a page.", "Choose another one.")
    elif VARIED.search(slug):
        yield Finding("slug", "Such names are those of varied agents.", "Choose one without - and eight digits at its end.")


def _text(place: str, text: str) -> Iterator[Finding]:
    if not text.strip():
        yield Finding(place, "This is empty.", "Write something.")
    elif len(text) > LONGEST[place]:
        yield Finding(place, f"This has {len(text)} characters.", f"Shorten it to {LONGEST[place]}.")


def _one_of(place: str, value: str, values: Sequence[str]) -> Iterator[Finding]:
    if value not in values:
        yield Finding(place, f"There is no “{value}” here.", f"Choose one of {', '.join(values)}.")


def _between(place: str, value: float, least: float, most: float) -> Iterator[Finding]:
    if not least <= value <= most:
        yield Finding(place, f"{value} is out of range.", f"Give a number from {least} to {most}.")


def _lines(place: str, lines: Sequence[str], most: int) -> Iterator[Finding]:
    if len(lines) > most:
        yield Finding(place, f"These are {len(lines)} lines.", f"Keep at most {most}.")
    for line in lines:
        if not line.strip() or "\n" in line or len(line) > LONGEST["line"]:
            yield Finding(place, "A line is empty or too long.", f"Write 1 to {LONGEST['line']} characters in each.")
            return
