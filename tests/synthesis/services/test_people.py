"""Personas and agent profiles: what is written, what survives the starter catalogue, who is cast."""

import msgspec
import pytest
from django.utils import timezone

from synthesis.models import AgentProfile, Episode, Persona
from synthesis.selectors import catalog
from synthesis.services.people import (
    PeopleError,
    agent_create,
    agent_set_active,
    agent_update,
    people_install,
    persona_create,
    persona_set_active,
    persona_update,
)
from synthesis.services.runs import RunError
from tests.builders_runs import PERSONA, PROFILE, a_run, install

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ANNE = msgspec.structs.replace(PERSONA, name="Anne")
BOB = msgspec.structs.replace(PERSONA, slug="bob", language="ko")
DESK = msgspec.structs.replace(PROFILE, slug="back_desk")


def test_starter_people_are_brought_up_to_date_and_read_back_as_they_are() -> None:
    people_install(personas=[PERSONA], profiles=[PROFILE])
    people_install(personas=[ANNE], profiles=[PROFILE])
    assert Persona.objects.count() == AgentProfile.objects.count() == 1
    assert catalog.personas() == [ANNE]
    assert catalog.agent_profiles() == [PROFILE]


def test_what_somebody_edited_or_wrote_survives_the_starter_catalogue() -> None:
    people_install(personas=[PERSONA], profiles=[PROFILE])
    persona_update(persona=ANNE, now=NOW)
    agent_update(agent=msgspec.structs.replace(PROFILE, tone="brisk"), now=NOW)
    persona_create(persona=BOB, now=NOW)
    persona_set_active(slug="ann", active=False)
    people_install(personas=[PERSONA, msgspec.structs.replace(BOB, name="Starter Bob")], profiles=[PROFILE])
    assert dict(Persona.objects.values_list("slug", "name")) == {"ann": "Anne", "bob": "Ann"}
    assert not Persona.objects.get(slug="ann").active
    assert AgentProfile.objects.get().tone == "brisk"


def test_a_name_is_taken_once() -> None:
    install()
    with pytest.raises(PeopleError, match="there already"):
        persona_create(persona=PERSONA, now=NOW)
    with pytest.raises(PeopleError, match="there already"):
        agent_create(agent=PROFILE, now=NOW)
    with pytest.raises(PeopleError, match="There is no"):
        persona_update(persona=BOB, now=NOW)
    with pytest.raises(PeopleError, match="There is no"):
        agent_set_active(slug="nobody", active=True)


def test_those_who_rest_are_not_cast() -> None:
    install()
    persona_create(persona=BOB, now=NOW)
    agent_create(agent=DESK, now=NOW)
    both = a_run(30)
    assert set(Episode.objects.filter(run=both).values_list("persona", "agent")) > {("ann", "desk"), ("bob", "back_desk")}
    persona_set_active(slug="ann", active=False)
    agent_set_active(slug="desk", active=False)
    one = a_run(30)
    assert set(Episode.objects.filter(run=one).values_list("persona", "agent")) == {("bob", "back_desk")}
    assert Episode.objects.filter(run=both, persona="ann").exists(), "what is planned stays"


def test_those_who_are_named_play_as_they_stand() -> None:
    install()
    persona_create(persona=BOB, now=NOW)
    agent_create(agent=DESK, now=NOW)
    run = a_run(8, personas=["bob"], agents=["back_desk"])
    casts = Episode.objects.filter(run=run).values_list("cast", flat=True)
    assert {(row["persona"]["slug"], row["agent"]["slug"]) for row in casts} == {("bob", "back_desk")}
    assert run.casting == {"personas": ["bob"], "agents": ["back_desk"]}
    with pytest.raises(RunError, match="called bob"):
        a_run(1, personas=["bob"], languages=["en"])
    with pytest.raises(RunError, match="called nobody"):
        a_run(1, agents=["nobody"])
