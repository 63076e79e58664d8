"""URLs of scenarios, below the catalogue."""

from django.urls import URLPattern, URLResolver, path, re_path

from studio.web.scenarios.draw import draw
from studio.web.scenarios.pages import domain, index, scenario

app_name = "scenarios"
urlpatterns: list[URLPattern | URLResolver] = [
    path("scenarios/", index, name="index"),
    re_path(r"^scenarios/(?P<digest>[0-9a-f]{64})/$", scenario, name="scenario"),
    path("domains/<slug:slug>/scenarios/", domain, name="domain"),
    path("domains/<slug:slug>/scenarios/draw/", draw, name="draw"),
]
