"""URLs of the area Review. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver

app_name = "review"
urlpatterns: list[URLPattern | URLResolver] = []
