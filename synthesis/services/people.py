"""Personas and agent profiles: writing, changing, resting them. Whatever is written has passed the engine's own examination."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from synthesis.engine.packs.findings import Finding
from synthesis.engine.participants.cast import AgentProfile, Persona
from synthesis.engine.participants.people import agent_findings, persona_findings
from synthesis.models import AgentProfile as AgentProfileRow
from synthesis.models import Origin
from synthesis.models import Persona as PersonaRow


class PeopleError(Exception):
    """A persona or agent profile that cannot be written. ``findings`` name the fields."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(f"{finding.place}: {finding.problem} {finding.remedy}" for finding in findings))
        self.findings = list(findings)


def persona_columns(persona: Persona) -> dict[str, Any]:
    """What the columns of its row say."""
    names = ("name", "language", "formality", "brevity", "mood", "patience", "expertise")
    return {name: getattr(persona, name) for name in names} | {"profile": persona}


def agent_columns(agent: AgentProfile) -> dict[str, Any]:
    """What the columns of its row say."""
    return {"role": agent.role, "tone": agent.tone, "profile": agent}


def persona_create(*, persona: Persona, now: datetime, origin: Origin = Origin.AUTHORED) -> PersonaRow:
    """Write a new persona. Raises PeopleError."""
    _refuse(persona_findings(persona))
    try:
        with transaction.atomic():
            return PersonaRow.objects.create(slug=persona.slug, origin=origin, edited=now, **persona_columns(persona))
    except IntegrityError:
        raise _taken(persona.slug) from None


def agent_create(*, agent: AgentProfile, now: datetime, origin: Origin = Origin.AUTHORED) -> AgentProfileRow:
    """Write a new agent profile. Raises PeopleError."""
    _refuse([*agent_findings(agent), *_strangers(agent)])
    try:
        with transaction.atomic():
            return AgentProfileRow.objects.create(slug=agent.slug, origin=origin, edited=now, **agent_columns(agent))
    except IntegrityError:
        raise _taken(agent.slug) from None


def _strangers(agent: AgentProfile) -> list[Finding]:
    """Colleagues that are nobody's profile."""
    named = [colleague.slug for colleague in agent.colleagues]
    known = set(AgentProfileRow.objects.filter(slug__in=named).values_list("slug", flat=True)) if named else set()
    remedy = "Write that agent first, or name another one."
    return [Finding("colleagues", f"There is no agent “{slug}”.", remedy) for slug in named if slug not in known and slug != agent.slug]


def persona_update(*, persona: Persona, now: datetime) -> None:
    """Change the persona of that slug; runs that are under way keep what they were planned with. Raises PeopleError."""
    _refuse(persona_findings(persona))
    _one(PersonaRow.objects.filter(slug=persona.slug).update(edited=now, **persona_columns(persona)), persona.slug)


def agent_update(*, agent: AgentProfile, now: datetime) -> None:
    """Change the agent profile of that slug; runs that are under way keep what they were planned with. Raises PeopleError."""
    _refuse([*agent_findings(agent), *_strangers(agent)])
    _one(AgentProfileRow.objects.filter(slug=agent.slug).update(edited=now, **agent_columns(agent)), agent.slug)


def persona_set_active(*, slug: str, active: bool) -> None:
    """Let new runs cast a persona, or not. Raises PeopleError when there is none of that slug."""
    _one(PersonaRow.objects.filter(slug=slug).update(active=active), slug)


def agent_set_active(*, slug: str, active: bool) -> None:
    """Let new runs cast an agent profile, or not. Raises PeopleError when there is none of that slug."""
    _one(AgentProfileRow.objects.filter(slug=slug).update(active=active), slug)


def people_install(*, personas: Sequence[Persona], profiles: Sequence[AgentProfile]) -> dict[str, int]:
    """Write the starter personas and agent profiles. Those of the same slug are brought up to date, unless somebody has edited or written
    them. Returns how many of each there are.
    """
    with transaction.atomic():
        _install(PersonaRow, {persona.slug: persona_columns(persona) for persona in personas})
        _install(AgentProfileRow, {profile.slug: agent_columns(profile) for profile in profiles})
    return {"personas": len(personas), "agents": len(profiles)}


def _install(kind: type[PersonaRow] | type[AgentProfileRow], people: dict[str, dict[str, Any]]) -> None:
    there = {row.slug: row for row in kind.objects.filter(slug__in=people)}
    for slug, columns in people.items():
        row = there.get(slug)
        if row is None:
            kind.objects.create(slug=slug, **columns)
        elif row.edited is None and row.profile != msgspec.to_builtins(columns["profile"]):
            kind.objects.filter(pk=row.pk, edited__isnull=True).update(**columns)


def _refuse(findings: Sequence[Finding]) -> None:
    wrong = [finding for finding in findings if finding.severity == "error"]
    if wrong:
        raise PeopleError(wrong)


def _one(changed: int, slug: str) -> None:
    if not changed:
        raise PeopleError([Finding("slug", f"There is no “{slug}”.", "It may have been removed; look at the list.")])


def _taken(slug: str) -> PeopleError:
    return PeopleError([Finding("slug", f"“{slug}” is there already.", "Choose another short name.")])
