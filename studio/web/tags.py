"""Template tags and filters. They are built in: no ``{% load %}`` needed (nor for ``i18n`` and ``static``)."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from django import template
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from studio.access.permissions import Person, can
from studio.access.table import Action

register = template.Library()

UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that change how text looks without being seen: controls, bidi marks, zero-width characters, line separators."""
SPOKEN = frozenset({"\n", "\t", "\r"})


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture of static/icons.svg, as tall as the text. Without ``label`` it is decoration and not read out."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.filter
def may(user: Person, action: Action) -> bool:
    """``{% if user|may:"runs.start" %}``: whether to offer something. The view asks again."""
    return can(user, action)


@register.filter
def visible(value: object) -> SafeString:
    """Text of strangers, escaped; control, bidi and zero-width characters, which cannot be seen, become their code points."""
    text = str(value)
    # Printable is decided in C and never unseen; most texts are.
    if text.isprintable() or not any(_unseen(character) for character in text):
        return escape(text)
    # Everything is escaped or a number: see _shown.
    return mark_safe("".join(_shown(character) for character in text))  # noqa: S308


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN and character not in SPOKEN


def _shown(character: str) -> str:
    if not _unseen(character):
        return escape(character)
    code = f"U+{ord(character):04X}"
    return f'<span class="unseen" title="{code}">{code}</span>'


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A moment to the minute, in UTC; static/js/moments.js rewrites it in the reader's zone. "" for None."""
    if value is None:
        return ""
    utc = value.astimezone(UTC)
    return format_html(
        '<time class="moment" datetime="{}" title="{} UTC">{}</time>', utc.isoformat(), f"{utc:%Y-%m-%d %H:%M:%S}", f"{utc:%Y-%m-%d %H:%M}"
    )


@register.filter
def thousands(value: float | None) -> str:
    """1234567 as 1,234,567. "" for None."""
    return "" if value is None else f"{value:,}"


@register.filter
def money(value: int | None, currency: str = "") -> str:
    """Millionths as an amount with as many decimals as tell something: ``12.40 USD``, ``0.0031 USD``. "" for None."""
    if value is None:
        return ""
    whole = value / 1_000_000
    digits = 2 if whole >= 1 or not value else 4 if whole >= 0.01 else 6
    return f"{whole:,.{digits}f} {currency}".strip()


@register.filter
def amount(value: int | None) -> str:
    """Millionths as a number for an input: ``0.5``. "" for None."""
    return "" if value is None else f"{Decimal(value) / 1_000_000:f}"


@register.filter
def percent(value: float | None, digits: int = 0) -> str:
    """A share (0 to 1) as percent. "" for None."""
    return "" if value is None else f"{100 * value:.{digits}f} %"


@register.filter
def at(items: Sequence[object], index: int) -> object:
    """The item at ``index``, None beyond the end."""
    return items[index] if index < len(items) else None


@register.filter
def get(items: Mapping[str, object], key: str) -> object:
    """What is under ``key``, None when nothing is."""
    return items.get(key)
