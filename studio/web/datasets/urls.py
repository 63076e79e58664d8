"""URLs of the area Datasets. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.datasets.index import download, index, manifest
from studio.web.datasets.version import export, job, rows, version
from studio.web.datasets.what_if import new

app_name = "datasets"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("versions/<int:version_id>/", version, name="version"),
    path("versions/<int:version_id>/rows/", rows, name="rows"),
    path("versions/<int:version_id>/files/", export, name="export"),
    path("jobs/<int:job_id>/", job, name="job"),
    path("files/<int:export_id>/", download, name="download"),
    path("files/<int:export_id>/manifest/", manifest, name="manifest"),
]
