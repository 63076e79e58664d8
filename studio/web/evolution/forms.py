"""The form that asks for an evolution, and the one that raises a cap."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from studio.web.evolution.words import MILLION
from synthesis.engine.evolution.wanted import MOST, Wanted
from synthesis.models import ModelEndpoint
from synthesis.selectors import evolutions


def _number(name: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=MOST[name], required=False, initial=0, **more)


def _cap() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Cap on cost"),
        required=False,
        min_value=0,
        max_value=10**9,
        decimal_places=6,
        help_text=_("In the endpoint's currency. No call is made that could pass it. Empty: no cap."),
    )


class EvolveForm(forms.Form):
    """What a model is to add, who writes, and for how much at most."""

    endpoint = forms.ChoiceField(label=_("Written by"), help_text=_("Model endpoints whose purposes include author."))
    categories = _number("categories", label=_("New key categories"))
    domains = _number("domains", label=_("Domains"), help_text=_("In each new category, in the chosen one, or beside the chosen domain."))
    category = forms.ChoiceField(label=_("In the key category"), required=False)
    parent = forms.ChoiceField(label=_("Beside the domain"), required=False)
    personas = _number("personas", label=_("Personas"), help_text=_("As many in each language."))
    agents = _number("agents", label=_("Agent profiles"))
    wordings = forms.MultipleChoiceField(
        label=_("More wordings for"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Every intent of these domains.")
    )
    lines = _number("lines", label=_("New openings each"))
    limit = _cap()
    at_once = forms.BooleanField(
        label=_("Publish what passes the audit without asking"),
        required=False,
        help_text=_("Otherwise it waits until somebody accepts it."),
    )

    def __init__(self, *args: Any, endpoints: Sequence[ModelEndpoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = Wanted().lines
        domains = evolutions.domains_to_grow()
        names = sorted({category.partition("/")[0] for _slug, _name, category, _released in domains})
        offered: dict[str, list[tuple[str, str]]] = {
            "endpoint": [(row.slug, f"{row.slug} ({row.model})") for row in endpoints],
            "category": [("", "–"), *((name, name) for name in names)],
            "parent": [("", "–"), *((slug, f"{name} ({slug})") for slug, name, _category, _released in domains)],
            "wordings": [(slug, name) for slug, name, _category, released in domains if released],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def wanted(self) -> Wanted:
        """What is asked for."""
        given = {name: self.cleaned_data[name] for name in Wanted.__struct_fields__ if self.cleaned_data[name] is not None}
        return msgspec.convert(given, Wanted)

    def limit_in_millionths(self) -> int | None:
        """The cap; None for none."""
        return in_millionths(self.cleaned_data["limit"])


class CapForm(forms.Form):
    """A new cap for what is paused."""

    limit = _cap()


def in_millionths(amount: Any) -> int | None:
    """An amount as the database keeps it; None stays None."""
    return None if amount is None else int(amount * MILLION)
