"""URLs of rubrics."""

from django.urls import URLPattern, URLResolver, path

from studio.web.rubrics.read import compare, download, index, rubric, version

app_name = "rubrics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("<slug:slug>/", rubric, name="rubric"),
    path("<slug:slug>/compare/", compare, name="compare"),
    path("<slug:slug>/versions/<int:number>/", version, name="version"),
    path("<slug:slug>/versions/<int:number>.yaml", download, name="download"),
]
