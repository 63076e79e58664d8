"""Who gets in at the pages of personas and agents."""

from collections.abc import Mapping
from typing import Any

from tests.builders_runs import PERSONA, PROFILE, install
from tests.studio.web.access_matrix.entry import EVERYBODY, A, Entry, O


def a_persona() -> Mapping[str, Any]:
    """One that is cast."""
    install()
    return {"slug": PERSONA.slug}


def an_agent() -> Mapping[str, Any]:
    """One that is cast."""
    install()
    return {"slug": PROFILE.slug}


WRITING = frozenset({O, A})
ENTRIES = {
    "cast:personas": Entry(EVERYBODY),
    "cast:persona": Entry(EVERYBODY, arguments=a_persona),
    "cast:persona_new": Entry(WRITING),
    "cast:persona_edit": Entry(WRITING, arguments=a_persona),
    "cast:persona_active": Entry(WRITING, "post", a_persona),
    "cast:agents": Entry(EVERYBODY),
    "cast:agent": Entry(EVERYBODY, arguments=an_agent),
    "cast:agent_new": Entry(WRITING),
    "cast:agent_edit": Entry(WRITING, arguments=an_agent),
    "cast:agent_active": Entry(WRITING, "post", an_agent),
    "cast:sample": Entry(EVERYBODY),
    "cast:keep": Entry(WRITING, "post"),
}
