"""API tokens: one's own; owners also see and revoke those of others."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.access import tokens as access
from studio.access.doors import allow, found, person, require
from studio.access.errors import AccessError
from studio.access.permissions import can
from studio.access.scopes import SCOPE_LABELS
from studio.web.areas import tabs
from studio.web.paging import page_of, read_cursor
from studio.web.settings.forms import TokenForm
from studio.web.settings.tabs import TABS

SIZE = 50


@allow("tokens.own")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """``/settings/tokens/``: the list; making a token shows it, once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            row, secret = access.token_create(
                user=person(request), name=data["name"], scopes=data["scopes"], days=data["days"], now=timezone.now()
            )
        except AccessError as error:
            form.add_error(None, str(error))
        else:
            crumbs = [(_("Settings"), reverse("settings:index")), (_("API tokens"), reverse("settings:tokens"))]
            return render(request, "settings/token_made.html", {"crumbs": crumbs, "row": row, "secret": secret})
    return render(request, "settings/tokens.html", _list(request, form), status=422 if form.errors else 200)


@allow("tokens.own")
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token: one's own, or as an owner anybody's."""
    token = found(access.token_get(token_id))
    if not can(request.user, "tokens.manage"):
        require(request, "tokens.own", token)
    access.token_revoke(actor=person(request), token=token, now=timezone.now())
    messages.success(request, _("The token is revoked: it opens nothing any more."))
    return redirect("settings:tokens")


def _list(request: HttpRequest, form: TokenForm) -> dict[str, Any]:
    cursor = read_cursor(request, int)
    before = int(cursor[0]) if cursor else None
    everybody = can(request.user, "tokens.manage")
    rows = access.tokens(user=None if everybody else person(request), before_id=before, limit=SIZE + 1)
    return {
        "tabs": tabs(request, TABS),
        "page": page_of(rows, SIZE, lambda row: (row.pk,), first=before is None),
        "everybody": everybody,
        "now": timezone.now(),
        "form": form,
        "scope_labels": SCOPE_LABELS,
    }
