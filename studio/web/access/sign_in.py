"""Sign-in by password or one-time link, sign-out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio.access.doors import public
from studio.access.errors import AccessError
from studio.access.links import link_find, link_role, link_use, needs_password
from studio.access.permissions import role_of
from studio.web.access.forms import NewPasswordForm, SignInForm

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """``/sign-in/``: with a password."""
    target = safe_next(request)
    if role_of(request.user) is not None:
        return HttpResponseRedirect(target)
    form = SignInForm(request.POST or None)
    if form.is_valid():
        user = authenticate(request, username=form.cleaned_data["username"], password=form.cleaned_data["password"])
        if getattr(request, "axes_locked_out", False):
            return locked_out(request)
        if user is not None and role_of(user) is not None:
            login(request, user)
            return HttpResponseRedirect(target)
        form.add_error(None, _("This user name and password do not belong together."))
    return render(request, "access/sign_in.html", {"form": form, "next": target}, status=422 if form.errors else 200)


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Too many failures: the answer says how long to wait, whether the last password was right or not."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "access/locked.html", {"minutes": minutes}, status=429)


@public
@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """``/sign-in/<token>/``: with a one-time link. Looking at it does not use it up, since mail programs look at links; the button does."""
    now = timezone.now()
    found = link_find(token, now)
    if found is None:
        return render(request, "access/link_spent.html", status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=found.user, required=needs_password(found))
    if form.is_valid():
        try:
            user = link_use(secret=token, password=form.cleaned_data["password"], now=now)
        except AccessError:
            return render(request, "access/link_spent.html", status=404)
        login(request, user, backend=BACKEND)
        messages.success(request, _("Welcome. You are signed in."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {
        "form": form,
        "member": found.user,
        "role": link_role(found),
        "optional": not needs_password(found),
        "purpose": found.purpose,
    }
    return render(request, "access/link.html", context, status=422 if form.errors else 200)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: ``next`` if it is a page of this studio, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
