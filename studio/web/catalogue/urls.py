"""URLs of the area Catalogue. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver

app_name = "catalogue"
urlpatterns: list[URLPattern | URLResolver] = []
