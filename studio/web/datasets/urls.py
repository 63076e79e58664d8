"""URLs of the area Datasets. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.datasets.index import download, index

app_name = "datasets"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("files/<int:export_id>/", download, name="download"),
]
