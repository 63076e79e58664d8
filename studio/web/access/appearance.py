"""Theme and language of this browser, kept in cookies: they are about the screen, not about the person."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from studio.access.doors import public
from studio.web.access.sign_in import safe_next
from studio.web.frame import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@public
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Set ``theme`` or ``language``, then back to ``next``."""
    response = HttpResponseRedirect(safe_next(request))
    theme, language = request.POST.get("theme"), request.POST.get("language")
    if theme in THEMES:
        _keep(request, response, THEME_COOKIE, theme)
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _keep(request, response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
