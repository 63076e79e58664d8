"""Forms of signing in."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

password_help = lazy(password_validators_help_text_html, str)


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"), max_length=1000, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class NewPasswordForm(forms.Form):
    """A new password for ``user``, typed twice. May be left empty where ``required`` is false."""

    password = forms.CharField(
        label=_("New password"),
        max_length=1000,
        strip=False,
        help_text=password_help(),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same again"), max_length=1000, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name in ("password", "again"):
            self.fields[name].required = required

    def clean_password(self) -> str:
        """The password, if it is good enough."""
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.user)
        return password

    def clean(self) -> None:
        """Both are the same."""
        if "password" in self.cleaned_data and self.cleaned_data["password"] != self.cleaned_data.get("again"):
            self.add_error("again", ValidationError(_("The two passwords differ.")))
