"""One draft: what a model wrote, what the audits found, and what a person decides."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from studio.access.doors import allow, found, person, require
from studio.pipelines import evolving
from studio.web.evolution.words import KINDS, STAGES
from studio.web.tags import money
from synthesis.engine.evolution.pack_work import PackWork
from synthesis.engine.evolution.wanted import Round
from synthesis.engine.packs.outline import outline
from synthesis.models import DraftKind, EvolutionDraft
from synthesis.selectors import evolutions
from synthesis.services.drafts import DraftRefused
from synthesis.services.evolution_drafts import DraftNotThere
from synthesis.services.people import PeopleError


@allow("models.view")
@require_safe
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """``/catalogue/evolution/drafts/<id>/``: its text with the lines that findings name, and the findings of each audit."""
    row = found(evolutions.draft(draft_id))
    word, badge = STAGES[row.stage]
    rounds = msgspec.convert(row.rounds, list[Round])
    last = {finding.line: finding for finding in reversed(rounds[-1].findings) if finding.line} if rounds else {}
    context = {
        "draft": row,
        "kind": KINDS[row.kind],
        "word": word,
        "badge": badge,
        "cost": money(row.cost),
        "rounds": list(reversed(rounds)),
        "plan": msgspec.convert(row.work, PackWork) if row.kind == DraftKind.DOMAIN else None,
        "person": row.work if row.kind in {DraftKind.PERSONA, DraftKind.AGENT} else None,
        "lines": [(number, line, last.get(number)) for number, line in enumerate(row.text.splitlines(), 1)],
        "outline": outline(row.text),
        "opens": bool(row.text) and row.stage in {"refused", "rejected"} and row.domain_id is None,
        "crumbs": _crumbs(row),
    }
    return render(request, "evolution/draft.html", context)


@allow("catalogue.publish")
@require_POST
def accept(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Publish what passed."""

    def deed(row: EvolutionDraft) -> None:
        evolving.accept(actor=person(request), draft=row)
        messages.success(request, _("%(name)s is in the catalogue. Runs that start from now on use it.") % {"name": row.name})

    return _decide(request, draft_id, deed)


@allow("catalogue.publish")
@require_POST
def reject(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Keep it out of the catalogue."""
    return _decide(request, draft_id, lambda row: evolving.reject(actor=person(request), draft=row))


@allow("catalogue.edit")
@require_POST
def open_in_editor(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Begin a domain with the pack that did not pass, and go to its editor."""
    require(request, "models.view")
    row = found(evolutions.draft(draft_id))
    try:
        domain = evolving.open_draft(actor=person(request), draft=row)
    except (DraftRefused, DraftNotThere) as refused:
        messages.error(request, str(refused))
        return redirect("evolution:draft", draft_id)
    return redirect("authoring:pack", domain.slug)


def _decide(request: HttpRequest, draft_id: int, deed: Callable[[EvolutionDraft], None]) -> HttpResponse:
    require(request, "models.view")
    row = found(evolutions.draft(draft_id))
    try:
        deed(row)
    except (DraftRefused, DraftNotThere, PeopleError) as refused:
        messages.error(request, str(refused))
    return redirect("evolution:draft", draft_id)


def _crumbs(row: EvolutionDraft) -> list[tuple[Any, str]]:
    return [
        (_("Catalogue"), reverse("catalogue:index")),
        (_("Evolution"), reverse("evolution:index")),
        (_("Evolution %(number)d") % {"number": row.evolution_id}, reverse("evolution:evolution", args=[row.evolution_id])),
    ]
