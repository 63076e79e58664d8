"""URLs of the area Catalogue. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.catalogue.domain import domain, intents, policy, releases, tool
from studio.web.catalogue.index import index

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("domains/<slug:slug>/", domain, name="domain"),
    path("domains/<slug:slug>/policy/", policy, name="policy"),
    path("domains/<slug:slug>/intents/", intents, name="intents"),
    path("domains/<slug:slug>/releases/", releases, name="releases"),
    path("domains/<slug:slug>/tools/<str:name>/", tool, name="tool"),
]
