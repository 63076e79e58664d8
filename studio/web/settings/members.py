"""Members and their roles."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.access import members as access
from studio.access.doors import allow, found, person
from studio.access.errors import AccessError
from studio.access.table import ROLE_MEANINGS
from studio.models import Role
from studio.web.areas import tabs
from studio.web.paging import page_of, read_cursor
from studio.web.settings.forms import InviteForm
from studio.web.settings.tabs import TABS

SIZE = 50


@allow("members.manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """``/settings/members/``: everybody; inviting somebody shows the link, once."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            user, secret = access.member_invite(
                actor=person(request), username=data["username"], name=data["name"], role=Role(data["role"]), now=timezone.now()
            )
        except AccessError as error:
            form.add_error("username", str(error))
        else:
            return _show_link(request, user, secret)
    return render(request, "settings/members.html", _list(request, form), status=422 if form.errors else 200)


@allow("members.manage")
@require_POST
def role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a member another role."""
    found(access.member_get(user_id))
    if request.POST.get("role") not in Role.values:
        raise Http404
    try:
        membership = access.member_set_role(actor=person(request), user_id=user_id, role=Role(request.POST["role"]))
    except AccessError as error:
        messages.error(request, str(error))
    else:
        told = {"name": membership.user.username, "role": Role(membership.role).label}
        messages.success(request, _("%(name)s is now: %(role)s.") % told)
    return redirect("settings:members")


@allow("members.manage")
@require_POST
def remove(request: HttpRequest, user_id: int) -> HttpResponse:
    """End a membership."""
    membership = found(access.member_get(user_id))
    try:
        access.member_remove(actor=person(request), user_id=user_id, now=timezone.now())
    except AccessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is no member any more.") % {"name": membership.user.username})
    return redirect("settings:members")


@allow("members.manage")
@never_cache
@require_POST
def link(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new one-time link for a member, shown once."""
    found(access.member_get(user_id))
    user, secret = access.member_link(actor=person(request), user_id=user_id, now=timezone.now())
    return _show_link(request, user, secret)


def _show_link(request: HttpRequest, user: User, secret: str) -> HttpResponse:
    url = request.build_absolute_uri(reverse("access:link", args=[secret]))
    context = {
        "crumbs": [(_("Settings"), reverse("settings:index")), (_("Members"), reverse("settings:members"))],
        "member": user,
        "link": url,
    }
    return render(request, "settings/member_link.html", context)


def _list(request: HttpRequest, form: InviteForm) -> dict[str, Any]:
    cursor = read_cursor(request, int)
    after = int(cursor[0]) if cursor else None
    rows = access.members(after_id=after, limit=SIZE + 1)
    return {
        "tabs": tabs(request, TABS),
        "page": page_of(rows, SIZE, lambda row: (row.pk,), first=after is None),
        "roles": Role.choices,
        "meanings": ROLE_MEANINGS,
        "form": form,
    }
