"""URLs of the area Catalogue. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.catalogue.domain import domain, intents, policy, releases
from studio.web.catalogue.fidelity import index as fidelity
from studio.web.catalogue.fidelity import report as fidelity_report
from studio.web.catalogue.fidelity import start as fidelity_start
from studio.web.catalogue.index import index
from studio.web.catalogue.relations import relations
from studio.web.catalogue.tools import tool, tools
from studio.web.catalogue.world import world

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("tools/", tools, name="tools"),
    path("domains/<slug:slug>/", domain, name="domain"),
    path("domains/<slug:slug>/world/", world, name="world"),
    path("domains/<slug:slug>/policy/", policy, name="policy"),
    path("domains/<slug:slug>/intents/", intents, name="intents"),
    path("domains/<slug:slug>/relations/", relations, name="relations"),
    path("domains/<slug:slug>/releases/", releases, name="releases"),
    path("domains/<slug:slug>/fidelity/", fidelity, name="fidelity"),
    path("domains/<slug:slug>/fidelity/start/", fidelity_start, name="fidelity_start"),
    path("domains/<slug:slug>/fidelity/<int:report_id>/", fidelity_report, name="fidelity_report"),
    path("domains/<slug:slug>/tools/<str:name>/", tool, name="tool"),
]
