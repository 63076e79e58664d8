"""Personas and agent profiles: who is cast in runs. Read, written and changed."""

from collections.abc import Callable
from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.catalogue import slug
from studio.api.pages import PageQuery
from studio.api.problems import Unworkable
from studio.api.resource import Listing, Single, found
from studio.pipelines.casting import agent_save, persona_save
from synthesis.engine.language.wording import FORMALITIES, MOODS, TONES
from synthesis.engine.packs.model import LANGUAGES
from synthesis.engine.participants.cast import AgentProfile as Agent
from synthesis.engine.participants.cast import Persona as Character
from synthesis.engine.participants.factory import MOST_RULES
from synthesis.engine.participants.people import ASKS, BREVITIES, LONGEST, MOST_COLLEAGUES, MOST_LINES, MOST_TYPOS
from synthesis.models import AgentProfile, Persona
from synthesis.selectors import lists
from synthesis.services.people import PeopleError


def lines(most: int, about: str) -> serializers.ListField:
    """A list of short texts."""
    text = serializers.CharField(max_length=LONGEST["line"])
    return serializers.ListField(child=text, required=False, default=list, max_length=most, help_text=about)


class PersonaRow(serializers.ModelSerializer[Persona]):
    """A simulated user's character."""

    class Meta:
        model = Persona
        fields = ("slug", "name", "language", "active", "profile")


class AgentRow(serializers.ModelSerializer[AgentProfile]):
    """An agent's character."""

    class Meta:
        model = AgentProfile
        fields = ("slug", "role", "active", "profile")


class PersonaText(serializers.Serializer[Any]):
    """A persona as it is written."""

    name = serializers.CharField(max_length=LONGEST["name"])
    background = serializers.CharField(max_length=LONGEST["background"], help_text="Who this is, in a sentence or two.")
    language = serializers.ChoiceField(LANGUAGES)
    formality = serializers.ChoiceField(FORMALITIES, default="neutral")
    brevity = serializers.ChoiceField(BREVITIES, default="normal")
    mood = serializers.ChoiceField(MOODS, default="neutral")
    typos = serializers.FloatField(min_value=0, max_value=MOST_TYPOS, default=0.0, help_text="Chance of a slip per word.")
    patience = serializers.IntegerField(min_value=1, max_value=5, default=3)
    expertise = serializers.IntegerField(min_value=1, max_value=5, default=3)
    preferences = lines(MOST_LINES, "What pleases this person.")


class NewPersona(PersonaText):
    """A persona to write."""

    slug = serializers.SlugField(max_length=80, help_text="Small letters, digits, - and _; it stays as it is.")


class ColleagueText(serializers.Serializer[Any]):
    """Somebody to whom the agent may hand a conversation over."""

    slug = serializers.SlugField(max_length=80, help_text="Of an agent profile.")
    when = serializers.CharField(max_length=LONGEST["line"], help_text="For what: “any change to a record”.")


class AgentText(serializers.Serializer[Any]):
    """An agent profile as it is written."""

    role = serializers.CharField(max_length=LONGEST["role"])
    tone = serializers.ChoiceField(TONES)
    asks = serializers.ChoiceField(ASKS, default="together")
    parallel = serializers.BooleanField(default=False, help_text="Makes independent calls in one turn.")
    thinks_aloud = serializers.BooleanField(default=False, help_text="A short text beside its calls.")
    confirms = serializers.BooleanField(default=True, help_text="Asks for a yes before changes.")
    rules = lines(MOST_RULES, "Sentences for its system prompt.")
    capabilities = lines(MOST_LINES, "What it is good at.")
    toolset = lines(MOST_LINES, "Its tools in a team: lookups, changes, or patterns of names (cancel_*); empty: every tool.")
    colleagues = serializers.ListField(
        child=ColleagueText(), required=False, default=list, max_length=MOST_COLLEAGUES, help_text="Whoever names some leads a team."
    )


class NewAgent(AgentText):
    """An agent profile to write."""

    slug = serializers.SlugField(max_length=80, help_text="Small letters, digits, - and _; it stays as it is.")


class ActiveQuery(PageQuery):
    """Filters of agents."""

    active = serializers.BooleanField(required=False, allow_null=True, default=None)


class PersonaQuery(ActiveQuery):
    """Filters of personas."""

    language = slug("A language, for instance en or ko.")


def written(save: Callable[[], None]) -> None:
    """Do it; what the engine finds wrong is told by field."""
    try:
        save()
    except PeopleError as error:
        raise Unworkable({finding.place: [f"{finding.problem} {finding.remedy}"] for finding in error.findings}) from error


class Personas(Listing):
    """``personas/``"""

    actions = {"GET": "catalogue.view", "POST": "catalogue.edit"}
    says = {"GET": "List personas. By slug.", "POST": "Write a persona. Runs that start from now on may cast it."}
    query = {"GET": PersonaQuery}
    takes = {"POST": NewPersona}
    gives = {"GET": PersonaRow, "POST": PersonaRow}
    status = {"POST": 201}
    problems = {"POST": (422,)}
    rows, key, kind = lists.personas, "slug", str

    def post(self, request: Request) -> Response:
        """Write one."""
        persona = Character(**self.asked(request))
        written(lambda: persona_save(actor=self.caller, persona=persona, new=True))
        return Response(self.told(PersonaRow, lists.persona(persona.slug)), 201)


class OnePersona(Single):
    """``personas/{slug}/``"""

    actions = {"GET": "catalogue.view", "POST": "catalogue.edit"}
    says = {"GET": "Read a persona.", "POST": "Write a persona anew. Runs that have started keep it as it was."}
    takes = {"POST": PersonaText}
    gives = {"GET": PersonaRow, "POST": PersonaRow}
    problems = {"POST": (422,)}
    row = lists.persona

    def post(self, request: Request, slug: str) -> Response:
        """Change it."""
        found(lists.persona(slug))
        persona = Character(**{**self.asked(request), "slug": slug})
        written(lambda: persona_save(actor=self.caller, persona=persona, new=False))
        return Response(self.told(PersonaRow, lists.persona(slug)))


class Agents(Listing):
    """``agents/``"""

    actions = {"GET": "catalogue.view", "POST": "catalogue.edit"}
    says = {"GET": "List agent profiles. By slug.", "POST": "Write an agent profile. Runs that start from now on may cast it."}
    query = {"GET": ActiveQuery}
    takes = {"POST": NewAgent}
    gives = {"GET": AgentRow, "POST": AgentRow}
    status = {"POST": 201}
    problems = {"POST": (422,)}
    rows, key, kind = lists.agents, "slug", str

    def post(self, request: Request) -> Response:
        """Write one."""
        agent = msgspec.convert(dict(self.asked(request)), Agent)
        written(lambda: agent_save(actor=self.caller, agent=agent, new=True))
        return Response(self.told(AgentRow, lists.agent(agent.slug)), 201)


class OneAgent(Single):
    """``agents/{slug}/``"""

    actions = {"GET": "catalogue.view", "POST": "catalogue.edit"}
    says = {"GET": "Read an agent profile.", "POST": "Write an agent profile anew. Runs that have started keep it as it was."}
    takes = {"POST": AgentText}
    gives = {"GET": AgentRow, "POST": AgentRow}
    problems = {"POST": (422,)}
    row = lists.agent

    def post(self, request: Request, slug: str) -> Response:
        """Change it."""
        found(lists.agent(slug))
        agent = msgspec.convert({**self.asked(request), "slug": slug}, Agent)
        written(lambda: agent_save(actor=self.caller, agent=agent, new=False))
        return Response(self.told(AgentRow, lists.agent(slug)))


PEOPLE: tuple[tuple[str, type[Any]], ...] = (
    ("personas/", Personas),
    ("personas/<slug:slug>/", OnePersona),
    ("agents/", Agents),
    ("agents/<slug:slug>/", OneAgent),
)
"""Paths below ``/api/v1/`` and their views."""
