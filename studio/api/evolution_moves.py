"""Evolutions and what they drafted: pause, resume, cancel; accept, reject, open in the editor."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studio.api.catalogue import DomainWhole
from studio.api.evolutions import EvolutionDraftWhole, EvolutionRow, draft_told
from studio.api.problems import Conflict
from studio.api.resource import Moving, Resource, found
from studio.pipelines import evolving
from synthesis.models import Evolution, EvolutionDraft
from synthesis.selectors import evolutions
from synthesis.services.drafts import DraftRefused
from synthesis.services.evolution_drafts import DraftNotThere
from synthesis.services.evolutions import EvolutionRefused
from synthesis.services.people import PeopleError


class NewCap(serializers.Serializer[Any]):
    """How to go on."""

    limit = serializers.IntegerField(
        min_value=1, max_value=2**53, required=False, allow_null=True, default=None, help_text="Another cap on cost, in millionths."
    )


class MovingEvolution(Moving):
    """An evolution that is moved."""

    actions = {"POST": "catalogue.edit"}
    gives = {"POST": EvolutionRow}
    row = evolutions.evolution
    refusals = (EvolutionRefused,)


class PauseEvolution(MovingEvolution):
    """``evolutions/{id}/pause/``"""

    says = {"POST": "Pause an evolution. The call under way is called off; what was drafted stays."}

    def move(self, thing: Evolution, asked: Mapping[str, Any]) -> None:
        """See ``Moving``."""
        evolving.evolution_pause(actor=self.caller, evolution=thing)


class ResumeEvolution(MovingEvolution):
    """``evolutions/{id}/resume/``"""

    says = {"POST": "Resume a paused evolution. With another cap on cost if one is given."}
    takes = {"POST": NewCap}

    def move(self, thing: Evolution, asked: Mapping[str, Any]) -> None:
        """See ``Moving``."""
        evolving.evolution_resume(actor=self.caller, evolution=thing, limit=asked["limit"])


class CancelEvolution(MovingEvolution):
    """``evolutions/{id}/cancel/``"""

    says = {"POST": "Cancel an evolution for good. What passed its audit can still be accepted."}

    def move(self, thing: Evolution, asked: Mapping[str, Any]) -> None:
        """See ``Moving``."""
        evolving.evolution_cancel(actor=self.caller, evolution=thing)


Deed = Callable[..., Any]


class Deciding(Resource):
    """A POST without a body that decides on a draft and answers with it."""

    deed: ClassVar[Deed]
    actions = {"POST": "catalogue.publish"}
    gives = {"POST": EvolutionDraftWhole}
    problems = {"POST": (409,)}

    def post(self, request: Request, draft_id: int) -> Response:
        """Decide."""
        decided(type(self).deed, self.caller, found(evolutions.draft(draft_id)))
        return Response(draft_told(self, draft_id))


def decided(deed: Deed, actor: User, draft: EvolutionDraft) -> Any:
    """What the deed made of the draft. Raises Conflict."""
    try:
        return deed(actor=actor, draft=draft)
    except (DraftRefused, DraftNotThere, PeopleError) as refused:
        raise Conflict(str(refused)) from None


class AcceptEvolutionDraft(Deciding):
    """``evolution-drafts/{id}/accept/``"""

    deed = staticmethod(evolving.accept)
    says = {"POST": "Publish a draft that passed its audit. Runs that start from now on use it."}


class RejectEvolutionDraft(Deciding):
    """``evolution-drafts/{id}/reject/``"""

    deed = staticmethod(evolving.reject)
    says = {"POST": "Keep a draft that passed its audit out of the catalogue."}


class OpenEvolutionDraft(Resource):
    """``evolution-drafts/{id}/open/``"""

    actions = {"POST": "catalogue.edit"}
    says = {"POST": "Begin a domain with the pack of a draft that was refused. A person mends it from there, at `drafts/{slug}/`."}
    gives = {"POST": DomainWhole}
    status = {"POST": 201}
    problems = {"POST": (409,)}

    def post(self, request: Request, draft_id: int) -> Response:
        """Begin it."""
        domain = decided(evolving.open_draft, self.caller, found(evolutions.draft(draft_id)))
        return Response(self.told(DomainWhole, domain), status=201)


EVOLUTION_MOVES: tuple[tuple[str, type[Any]], ...] = (
    ("evolutions/<id:evolution_id>/pause/", PauseEvolution),
    ("evolutions/<id:evolution_id>/resume/", ResumeEvolution),
    ("evolutions/<id:evolution_id>/cancel/", CancelEvolution),
    ("evolution-drafts/<id:draft_id>/accept/", AcceptEvolutionDraft),
    ("evolution-drafts/<id:draft_id>/reject/", RejectEvolutionDraft),
    ("evolution-drafts/<id:draft_id>/open/", OpenEvolutionDraft),
)
"""Paths below ``/api/v1/`` and their views."""
