"""The default cast: which endpoint launchers preselect for each role."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.access.doors import allow, person, require
from studio.pipelines.endpoints import default_cast_set
from studio.web.areas import tabs
from studio.web.models.forms import refusal_words
from studio.web.models.frame import TABS
from studio.web.models.words import ROLES, WITHOUT
from synthesis.selectors import endpoints
from synthesis.services.endpoints import EndpointRefused


@allow("models.view")
@require_http_methods(["GET", "HEAD", "POST"])
def cast(request: HttpRequest) -> HttpResponse:
    """``/models/cast/``: a choice for each role among the endpoints in use for it."""
    status = 200
    if request.method == "POST":
        require(request, "models.edit")
        try:
            default_cast_set(actor=person(request), chosen={role: request.POST.get(role, "")[:80] for role in WITHOUT})
        except EndpointRefused as refused:
            messages.error(request, refusal_words(refused))
            status = 422
        else:
            messages.success(request, _("Launchers begin with this cast from now on."))
            return redirect("models:cast")
    chosen, rows = endpoints.default_cast(), endpoints.endpoints(active=True)
    seats = [(role, ROLES[role], WITHOUT[role], [row for row in rows if role in row.purposes], chosen.get(role, "")) for role in WITHOUT]
    return render(request, "models/cast.html", {"tabs": tabs(request, TABS), "seats": seats}, status=status)
