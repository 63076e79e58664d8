"""URLs of the area Monitor. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver

app_name = "monitor"
urlpatterns: list[URLPattern | URLResolver] = []
