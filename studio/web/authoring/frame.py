"""What stands around the pages of one draft: the tabs of its domain, and those of editing it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from studio.web.areas import Tab, tabs
from studio.web.catalogue.frame import domain_frame
from synthesis.models import Domain

EDIT_TABS = (
    Tab("authoring:pack", _("Text"), "catalogue.edit"),
    Tab("authoring:tools", _("Tools"), "catalogue.edit"),
    Tab("authoring:changes", _("Changes"), "catalogue.view"),
    Tab("authoring:publish", _("Audit and publish"), "catalogue.edit"),
)


def edit_frame(request: HttpRequest, domain: Domain) -> dict[str, Any]:
    """``domain``, ``tabs``, ``crumbs``, ``edit_tabs``. Its template extends ``authoring/frame.html``."""
    return {**domain_frame(request, domain), "edit_tabs": tabs(request, EDIT_TABS, domain.slug)}


def version_of(request: HttpRequest) -> int:
    """The version of the draft that the form was made from; 0, which no draft has, when somebody made it up."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
