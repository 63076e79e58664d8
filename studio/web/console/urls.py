"""URLs of the try-it console, below a domain's tools."""

from django.urls import URLPattern, URLResolver, path

from studio.web.console.pages import reset, tool

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("domains/<slug:slug>/tools/<str:name>/try/", tool, name="tool"),
    path("domains/<slug:slug>/tools/<str:name>/try/reset/", reset, name="reset"),
]
