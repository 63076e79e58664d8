"""What the area's pages share: tabs, money."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from studio.web.areas import Tab

TABS = (
    Tab("models:index", _("Endpoints"), "models.view"),
    Tab("models:cast", _("Default cast"), "models.view"),
    Tab("models:usage", _("Usage and cost"), "models.view"),
    Tab("models:prompts", _("Prompts"), "models.view"),
)
MILLION = 1_000_000


def money(millionths: float | None, currency: str) -> str:
    """An amount as people write it: two digits, or as many as show that it is not nothing; "" for None."""
    if millionths is None:
        return ""
    amount = Decimal(round(millionths)) / MILLION
    digits = 2 if amount == 0 or amount >= Decimal("0.1") else 4 if amount >= Decimal("0.001") else 6
    return f"{amount:,.{digits}f} {currency}"
