"""URLs of the area Runs. Its first page is called ``index``: the navigation leads there."""

from django.urls import URLPattern, URLResolver, path

from studio.web.runs.compare import compare
from studio.web.runs.episode import episode
from studio.web.runs.episodes import episode_list
from studio.web.runs.fork import fork
from studio.web.runs.hand import hand
from studio.web.runs.index import index
from studio.web.runs.launcher import expected, new
from studio.web.runs.moves import budget, move, whole
from studio.web.runs.run import grid, panel, run
from studio.web.runs.solving import solving_page
from studio.web.runs.steps import raw, step, table, trajectory

app_name = "runs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("compare/", compare, name="compare"),
    path("new/", new, name="new"),
    path("new/expected/", expected, name="expected"),
    path("<int:run_id>/", run, name="run"),
    path("<int:run_id>/panel/", panel, name="panel"),
    path("<int:run_id>/grid/", grid, name="grid"),
    path("<int:run_id>/episodes/", episode_list, name="episodes"),
    path("<int:run_id>/solving/", solving_page, name="solving"),
    path("<int:run_id>/whole/", whole, name="whole"),
    path("<int:run_id>/budget/", budget, name="budget"),
    path("<int:run_id>/requeue/", move, {"name": "requeue"}, name="requeue"),
    path("<int:run_id>/pause/", move, {"name": "pause"}, name="pause"),
    path("<int:run_id>/resume/", move, {"name": "resume"}, name="resume"),
    path("<int:run_id>/cancel/", move, {"name": "cancel"}, name="cancel"),
    path("episodes/<int:episode_id>/", episode, name="episode"),
    path("episodes/<int:episode_id>/fork/", fork, name="fork"),
    path("episodes/<int:episode_id>/hand/", hand, name="hand"),
    path("episodes/<int:episode_id>/trajectory/", trajectory, name="trajectory"),
    path("episodes/<int:episode_id>/steps/<int:seq>/", step, name="step"),
    path("episodes/<int:episode_id>/steps/<int:seq>/tables/", table, name="tables"),
    path("episodes/<int:episode_id>/steps/<int:seq>/raw/", raw, name="raw"),
]
