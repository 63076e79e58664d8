"""Who gets in at the pages on which models extend the catalogue. Reviewers and viewers do not: names of models stand there."""

from collections.abc import Mapping
from typing import Any

from synthesis.models import EvolutionDraft
from tests.builders_evolution import a_passed_draft, a_refused_draft, an_endpoint, an_evolution
from tests.studio.web.access_matrix.entry import A, Entry, O, P


def an_author() -> Mapping[str, Any]:
    """An endpoint that writes."""
    an_endpoint()
    return {}


def its_id() -> Mapping[str, Any]:
    """An evolution with a tree of drafts."""
    evolution = an_evolution()
    a_refused_draft(evolution)
    a_passed_draft(evolution)
    return {"evolution_id": evolution.pk}


def paused() -> Mapping[str, Any]:
    """One that is paused."""
    return {"evolution_id": an_evolution(status="paused", note="x").pk}


def refused() -> Mapping[str, Any]:
    """A pack with findings."""
    return {"draft_id": a_refused_draft(an_evolution()).pk}


def passed() -> Mapping[str, Any]:
    """A persona that waits to be accepted."""
    draft: EvolutionDraft = a_passed_draft(an_evolution())
    return {"draft_id": draft.pk}


SEEING, WRITING = frozenset({O, A, P}), frozenset({O, A})
ENTRIES = {
    "evolution:index": Entry(SEEING, arguments=an_author),
    "evolution:new": Entry(WRITING, arguments=an_author),
    "evolution:evolution": Entry(SEEING, arguments=its_id),
    "evolution:tree": Entry(SEEING, arguments=its_id),
    "evolution:pause": Entry(WRITING, "post", its_id),
    "evolution:resume": Entry(WRITING, "post", paused),
    "evolution:cancel": Entry(WRITING, "post", its_id),
    "evolution:draft": Entry(SEEING, arguments=refused),
    "evolution:accept": Entry(WRITING, "post", passed),
    "evolution:reject": Entry(WRITING, "post", passed),
    "evolution:open": Entry(WRITING, "post", refused),
}
