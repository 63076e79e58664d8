"""URLs on which domains are written."""

from django.urls import URLPattern, URLResolver, path

from studio.web.authoring.changes import changes, download, restore
from studio.web.authoring.new import new
from studio.web.authoring.pack import pack
from studio.web.authoring.publish import audit_panel, audit_start, publish, release
from studio.web.authoring.shelf import archive, reopen
from studio.web.authoring.tools import copy, remove, tool, tools

app_name = "authoring"
urlpatterns: list[URLPattern | URLResolver] = [
    path("new/", new, name="new"),
    path("domains/<slug:slug>/edit/", pack, name="pack"),
    path("domains/<slug:slug>/edit/tools/", tools, name="tools"),
    path("domains/<slug:slug>/edit/new-tool/", tool, name="tool_new"),
    path("domains/<slug:slug>/edit/tools/<str:name>/", tool, name="tool"),
    path("domains/<slug:slug>/edit/tools/<str:name>/copy/", copy, name="tool_copy"),
    path("domains/<slug:slug>/edit/tools/<str:name>/remove/", remove, name="tool_remove"),
    path("domains/<slug:slug>/edit/changes/", changes, name="changes"),
    path("domains/<slug:slug>/edit/pack/<str:which>.yaml", download, name="download"),
    path("domains/<slug:slug>/edit/restore/<int:number>/", restore, name="restore"),
    path("domains/<slug:slug>/edit/publish/", publish, name="publish"),
    path("domains/<slug:slug>/edit/audit/", audit_start, name="audit"),
    path("domains/<slug:slug>/edit/audit/panel/", audit_panel, name="audit_panel"),
    path("domains/<slug:slug>/edit/release/", release, name="release"),
    path("domains/<slug:slug>/edit/archive/", archive, name="archive"),
    path("domains/<slug:slug>/edit/reopen/", reopen, name="reopen"),
]
