"""The forms of the area. What may stand in them is the service's to say: ``blame`` puts its refusal at the field."""

from decimal import Decimal
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from studio.web.models.frame import MILLION
from studio.web.models.words import ROLES, providers
from synthesis.engine.chat.prices import Price
from synthesis.models import ModelEndpoint
from synthesis.services.endpoints import LONGEST_KEY, EndpointFacts, EndpointRefused

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
REFUSALS = {
    "slug": _("Small letters and digits, with single hyphens or underscores between them."),
    "taken": _("There is an endpoint of that name already."),
    "missing": _("There is no such endpoint any more."),
    "used": _("It has been used. Take it out of use instead, so that its cost stays counted."),
    "url": _("An address begins with https:// and names a host."),
    "extra": _("An address has no user name, no ? and no #; the key has a field of its own."),
    "path": _("Leave out /chat/completions: the studio adds it."),
    "too_long": _("The address is longer than 500 characters."),
    "private": _("This host is not on the public network. The operator can allow it with the setting STUDIO_OUTGOING_ALLOWED."),
    "plain": _("Without https, prompts and keys can be read on the way. The operator can allow it with STUDIO_OUTGOING_ALLOWED."),
    "provider": _("Choose a provider."),
    "model": _("Name the model as the endpoint calls it."),
    "key": _("A key is one word of plain characters."),
    "vault": _("No key can be stored: the operator has to set STUDIO_ENCRYPTION_KEYS."),
    "purposes": _("Choose among the purposes."),
    "price": _("A price is from 0 to 1,000,000 for a million tokens."),
    "currency": _("Three capital letters, such as USD."),
    "limit": _("At least 1; empty where there is none."),
    "concurrency": _("From 1 to 1024."),
    "deadline": _("From 1 to 900 seconds."),
    "too_large": _("More than 4 KB of parameters."),
    "own": _("The studio sets model, messages, tools, stream and the form of answers itself; leave them out."),
    "unfit": _("That endpoint is not in use for this purpose."),
}


def refusal_words(refused: EndpointRefused) -> str:
    """Why the service refused, for people."""
    return str(REFUSALS.get(refused.code, str(refused)))


class Money(forms.DecimalField):
    """A price of a million tokens; its value is in millionths."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=MILLION, decimal_places=6, widget=forms.NumberInput({"step": "any"}), **options)

    def clean(self, value: Any) -> Any:
        """As millionths, None for nothing."""
        amount = super().clean(value)
        return None if amount is None else int(amount * MILLION)


class Parameters(forms.CharField):
    """A JSON object."""

    widget = forms.Textarea({"rows": 4, **PLAIN})

    def prepare_value(self, value: Any) -> Any:
        """As text."""
        return msgspec.json.format(msgspec.json.encode(value)).decode() if isinstance(value, dict) and value else value or ""

    def clean(self, value: Any) -> Any:
        """As an object; an empty one for nothing."""
        text = super().clean(value).strip()
        try:
            found = msgspec.json.decode(text) if text else {}
        except (msgspec.DecodeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ValidationError(gettext('Write a JSON object, such as {"temperature": 0.7}.'))
        return found


class EndpointForm(forms.Form):
    """An endpoint. One that is there already (``row`` given) is not asked for its name, and its key may be kept or cleared."""

    slug = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("Small letters and digits. Runs and files name it so; it stays as it is."),
        widget=forms.TextInput(PLAIN),
    )
    provider = forms.ChoiceField(label=_("Provider"))
    base_url = forms.CharField(
        label=_("Base URL"),
        max_length=500,
        help_text=_("Up to and with /v1; the studio adds /chat/completions."),
        widget=forms.URLInput({**PLAIN, "inputmode": "url"}),
    )
    model = forms.CharField(label=_("Model"), max_length=200, help_text=_("As the endpoint calls it."), widget=forms.TextInput(PLAIN))
    key = forms.CharField(
        label=_("API key"),
        max_length=LONGEST_KEY,
        required=False,
        strip=True,
        widget=forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"}),
    )
    clear_key = forms.BooleanField(label=_("Forget the stored key"), required=False)
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"),
        required=False,
        choices=list(ROLES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whom launchers may offer it for."),
    )
    price_prompt = Money(label=_("Prompt"), initial=Decimal(0))
    price_completion = Money(label=_("Answer"), initial=Decimal(0))
    price_cached = Money(label=_("Prompt from the cache"), required=False, help_text=_("Empty: as the prompt."))
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="USD", widget=forms.TextInput({**PLAIN, "size": 4}))
    requests_a_minute = forms.IntegerField(label=_("Requests a minute"), min_value=1, max_value=2_000_000_000, required=False)
    tokens_a_minute = forms.IntegerField(label=_("Tokens a minute"), min_value=1, max_value=2_000_000_000, required=False)
    concurrency = forms.IntegerField(
        label=_("Calls at a time"),
        min_value=1,
        max_value=1024,
        initial=64,
        help_text=_("In each worker process; it finds its own way below that."),
    )
    try_seconds = forms.FloatField(label=_("Deadline of one try, seconds"), min_value=1, max_value=900, initial=120)
    parameters = Parameters(
        label=_("Parameters"), required=False, help_text=_("A JSON object sent with every request, such as temperature.")
    )

    def __init__(self, *args: Any, row: ModelEndpoint | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row = row
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, profile.label) for name, profile in providers().items()]
        if row is None:
            del self.fields["clear_key"]
            self.fields["key"].help_text = _("Stored encrypted, and never shown again. Empty where none is wanted.")
            return
        del self.fields["slug"]
        if row.key:
            self.fields["key"].help_text = _("Empty keeps the stored key. Another base URL forgets it, unless you enter one here.")
        else:
            del self.fields["clear_key"]
            self.fields["key"].help_text = _("No key is stored. Stored encrypted, and never shown again.")

    def facts(self) -> EndpointFacts:
        """What the form says of the endpoint."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"slug", "key", "clear_key"}}
        return EndpointFacts(**{**data, "base_url": data["base_url"].strip()})

    def blame(self, refused: EndpointRefused) -> None:
        """Say at the field what is wrong with it."""
        self.add_error(refused.field if refused.field in self.fields else None, refusal_words(refused))


def initial_of(row: ModelEndpoint) -> dict[str, Any]:
    """What a form for an endpoint begins with; never its key."""
    names = [name for name in EndpointForm.base_fields if name not in {"slug", "key", "clear_key"}]
    values = {name: getattr(row, name) for name in names}
    for name in ("price_prompt", "price_completion", "price_cached"):
        if values[name] is not None:
            values[name] = (Decimal(values[name]) / MILLION).normalize()
    return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in values.items()}


def price_of(row: ModelEndpoint) -> Price:
    """What it costs."""
    return Price(row.price_prompt, row.price_completion, row.price_cached)
