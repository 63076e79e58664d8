"""Personas and agent profiles as people write them: the change and its audit entry in one transaction."""

from typing import Literal

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from studio.access import audit
from synthesis.engine.participants.cast import AgentProfile, Cast, Persona
from synthesis.engine.participants.factory import sample_cast
from synthesis.models import Origin
from synthesis.selectors import catalog, lists
from synthesis.services import people

Kind = Literal["persona", "agent"]


def persona_save(*, actor: User, persona: Persona, new: bool) -> None:
    """Write a new persona, or change the one of that slug. Raises PeopleError."""
    before = None if new else lists.persona(persona.slug)
    verb = "create" if new else "edit"
    with audit.change(actor, f"personas.{verb}", "persona", persona.slug, persona.name, before=before.profile if before else None) as told:
        if new:
            people.persona_create(persona=persona, now=timezone.now())
        else:
            people.persona_update(persona=persona, now=timezone.now())
        told.after = msgspec.to_builtins(persona)


def agent_save(*, actor: User, agent: AgentProfile, new: bool, origin: Origin = Origin.AUTHORED) -> None:
    """Write a new agent profile, or change the one of that slug. Raises PeopleError."""
    before = None if new else lists.agent(agent.slug)
    verb = "create" if new else "edit"
    with audit.change(actor, f"agents.{verb}", "agent", agent.slug, agent.role, before=before.profile if before else None) as told:
        if new:
            people.agent_create(agent=agent, now=timezone.now(), origin=origin)
        else:
            people.agent_update(agent=agent, now=timezone.now())
        told.after = msgspec.to_builtins(agent)


def set_active(*, actor: User, kind: Kind, slug: str, active: bool) -> None:
    """Let new runs cast somebody, or not. Raises PeopleError when nobody is called so."""
    verb = "activate" if active else "rest"
    with audit.change(actor, f"{kind}s.{verb}", kind, slug, slug, before={"active": not active}) as told:
        if kind == "persona":
            people.persona_set_active(slug=slug, active=active)
        else:
            people.agent_set_active(slug=slug, active=active)
        told.after = {"active": active}


def sample(seed: int, number: int) -> list[Cast]:
    """Whom a run with ``seed`` casts in its first ``number`` episodes, as the catalogue stands; nobody while it has no people."""
    personas, profiles = catalog.personas(), catalog.agent_profiles()
    if not personas or not profiles:
        return []
    return [sample_cast(seed, index, personas, profiles, 0.0)[0] for index in range(number)]


def kept_slug(agent: AgentProfile) -> str:
    """Under which name a sampled agent is kept: a dash before the digits would say that it was varied from something."""
    head, _, digits = agent.slug.rpartition("-")
    return f"{head}_{digits}"
