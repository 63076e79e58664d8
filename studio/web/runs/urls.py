"""URLs of the area Runs. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver

app_name = "runs"
urlpatterns: list[URLPattern | URLResolver] = []
