"""Every URL. The pages and the REST interface hang themselves in here as they come."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("studio.api.urls")),
    path("", include("studio.web.urls")),
]

handler400 = "studio.web.errors.bad_request"
handler403 = "studio.web.errors.forbidden"
handler404 = "studio.web.errors.not_found"
handler500 = "studio.web.errors.failed"
