"""Forms of the area Settings."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from studio.access.scopes import SCOPE_LABELS
from studio.access.tokens import LIFETIMES
from studio.models import Role


class NameForm(forms.Form):
    """How a person is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("How the studio calls you. Without one it uses your user name."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )


class OldPasswordForm(forms.Form):
    """The present password, where there is one."""

    old = forms.CharField(
        label=_("Present password"), max_length=1000, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_usable_password():
            del self.fields["old"]

    def clean_old(self) -> str:
        """It is right."""
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError(_("This is not your password."))
        return old


class InviteForm(forms.Form):
    """Who comes, and in which role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Name"), max_length=150, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class TokenForm(forms.Form):
    """What a token is for, what it may do, how long it lives."""

    name = forms.CharField(label=_("What it is for"), max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=list(SCOPE_LABELS.items()), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("Expires after"), coerce=int, initial=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in LIFETIMES]  # type: ignore[attr-defined]
