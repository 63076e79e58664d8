"""URLs of the area Datasets. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver

app_name = "datasets"
urlpatterns: list[URLPattern | URLResolver] = []
