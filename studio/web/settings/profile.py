"""One's own profile: name, password, language, theme."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST, require_safe

from studio.access.doors import allow, person
from studio.access.profile import password_set, profile_rename
from studio.web.access.forms import NewPasswordForm
from studio.web.areas import tabs
from studio.web.frame import THEMES
from studio.web.settings.forms import NameForm, OldPasswordForm
from studio.web.settings.tabs import TABS


@allow("profile.edit")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """``/settings/``: its first tab."""
    return redirect("settings:profile")


@allow("profile.edit")
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """``/settings/profile/``."""
    return _page(request)


@allow("profile.edit")
@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    """Change how one is called."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, name_form=form)
    profile_rename(user=person(request), name=form.cleaned_data["name"])
    messages.success(request, _("Your name is saved."))
    return redirect("settings:profile")


@sensitive_post_parameters("old", "password", "again")
@allow("profile.edit")
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Set another password; every other session of this person ends."""
    user = person(request)
    old = OldPasswordForm(request.POST, user=user)
    form = NewPasswordForm(request.POST, user=user)
    if not (old.is_valid() & form.is_valid()):
        return _page(request, old_form=old, password_form=form)
    password_set(user=user, password=form.cleaned_data["password"])
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed. You are signed out everywhere else."))
    return redirect("settings:profile")


def _page(
    request: HttpRequest,
    *,
    name_form: NameForm | None = None,
    old_form: OldPasswordForm | None = None,
    password_form: NewPasswordForm | None = None,
) -> HttpResponse:
    user = person(request)
    context = {
        "tabs": tabs(request, TABS),
        "name_form": name_form or NameForm(initial={"name": user.first_name}),
        "old_form": old_form or OldPasswordForm(user=user),
        "password_form": password_form or NewPasswordForm(user=user),
        "languages": settings.LANGUAGES,
        "themes": THEMES,
    }
    return render(request, "settings/profile.html", context, status=422 if name_form or password_form else 200)
