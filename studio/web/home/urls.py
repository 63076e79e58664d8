"""URLs of the area Home. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.home.index import index, live

app_name = "home"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("live/", live, name="live"),
]
