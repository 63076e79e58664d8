"""What ties a domain to others."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from studio.access.doors import allow, found
from studio.web.catalogue.frame import domain_frame
from synthesis.selectors import lists, registry

KINDS = {
    "sibling": (_("is a sibling of"), _("is a sibling of")),
    "hands_over_to": (_("hands over to"), _("is handed over to by")),
    "shares_records_with": (_("shares records with"), _("shares records with")),
}
"""How a tie reads from its own end, and from the other."""


@allow("catalogue.view")
@require_safe
def relations(request: HttpRequest, slug: str) -> HttpResponse:
    """``/catalogue/domains/<slug>/relations/``: ties in both directions, and names of tools that other domains have too."""
    domain = found(lists.domain(slug))
    ties = [
        (KINDS[tie.kind][0], tie.other, tie.note) if tie.domain_id == domain.pk else (KINDS[tie.kind][1], tie.domain, tie.note)
        for tie in registry.ties(slug)
    ]
    return render(
        request, "catalogue/relations.html", {**domain_frame(request, domain), "ties": ties, "shared": registry.shared_tools(slug)}
    )
