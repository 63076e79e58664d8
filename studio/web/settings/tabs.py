"""The tabs of the area Settings."""

from django.utils.translation import gettext_lazy as _

from studio.web.areas import Tab

TABS = (
    Tab("settings:profile", _("Profile"), "profile.edit"),
    Tab("settings:tokens", _("API tokens"), "tokens.own"),
    Tab("settings:members", _("Members"), "members.manage"),
    Tab("settings:audit", _("Audit trail"), "audit.view"),
)
