"""URLs of repairs: fixing one episode, repairing what failed by one mistake, preference pairs."""

from django.urls import URLPattern, URLResolver, path

from studio.web.repairs.fix import fix
from studio.web.repairs.pairs import find, pair_list, repair

app_name = "repairs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("pairs/", pair_list, name="index"),
    path("episodes/<int:episode_id>/", fix, name="fix"),
    path("runs/<int:run_id>/", repair, name="repair"),
    path("runs/<int:run_id>/pairs/", find, name="find"),
]
