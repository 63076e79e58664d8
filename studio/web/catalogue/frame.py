"""What stands around the pages of the catalogue: the tabs of the area, and those of one domain."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studio.web.areas import Tab, tabs
from synthesis.models import Domain

AREA_TABS = (
    Tab("catalogue:index", _("Domains"), "catalogue.view"),
    Tab("catalogue:tools", _("Tools"), "catalogue.view"),
    Tab("scenarios:index", _("Scenarios"), "catalogue.view"),
    Tab("cast:personas", _("Personas"), "catalogue.view"),
    Tab("cast:agents", _("Agents"), "catalogue.view"),
    Tab("evolution:index", _("Evolution"), "models.view"),
)
DOMAIN_TABS = (
    Tab("catalogue:domain", _("Tools"), "catalogue.view"),
    Tab("catalogue:world", _("World"), "catalogue.view"),
    Tab("catalogue:policy", _("Policy"), "catalogue.view"),
    Tab("catalogue:intents", _("Intents"), "catalogue.view"),
    Tab("scenarios:domain", _("Scenarios"), "catalogue.view"),
    Tab("catalogue:relations", _("Relations"), "catalogue.view"),
    Tab("catalogue:fidelity", _("Fidelity"), "catalogue.view"),
    Tab("rubric_choices:domain", _("Rubric"), "rubrics.view"),
    Tab("catalogue:releases", _("Releases"), "catalogue.view"),
    Tab("authoring:pack", _("Edit"), "catalogue.edit"),
)


def domain_frame(request: HttpRequest, domain: Domain) -> dict[str, Any]:
    """What every tab of a domain's page shows around its content: ``domain``, ``tabs``, ``crumbs``. Its template extends
    ``catalogue/frame.html``.
    """
    crumbs = [(_("Catalogue"), reverse("catalogue:index"))]
    return {"domain": domain, "tabs": tabs(request, DOMAIN_TABS, domain.slug), "crumbs": crumbs}
