"""URLs of the area Monitor. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.monitor.deeds import pause
from studio.web.monitor.episodes import episodes
from studio.web.monitor.index import index

app_name = "monitor"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("episodes/", episodes, name="episodes"),
    path("runs/<int:run_id>/pause/", pause, name="pause"),
]
