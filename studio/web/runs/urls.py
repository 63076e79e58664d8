"""URLs of the area Runs. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.runs.episode import episode
from studio.web.runs.launcher import new
from studio.web.runs.pages import index, move, panel, run
from studio.web.runs.steps import raw, step, trajectory

app_name = "runs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("<int:run_id>/", run, name="run"),
    path("<int:run_id>/panel/", panel, name="panel"),
    path("<int:run_id>/pause/", move, {"name": "pause"}, name="pause"),
    path("<int:run_id>/resume/", move, {"name": "resume"}, name="resume"),
    path("<int:run_id>/cancel/", move, {"name": "cancel"}, name="cancel"),
    path("episodes/<int:episode_id>/", episode, name="episode"),
    path("episodes/<int:episode_id>/trajectory/", trajectory, name="trajectory"),
    path("episodes/<int:episode_id>/steps/<int:seq>/", step, name="step"),
    path("episodes/<int:episode_id>/steps/<int:seq>/raw/", raw, name="raw"),
]
