"""URLs of judging again. They stand under Runs."""

from django.urls import URLPattern, URLResolver, path

from studio.web.rejudging.again import again
from studio.web.rejudging.one import move, one, progress

app_name = "rejudging"
urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/<int:run_id>/", again, name="again"),
    path("<int:rejudging_id>/", one, name="one"),
    path("<int:rejudging_id>/progress/", progress, name="progress"),
    path("<int:rejudging_id>/adopt/", move, {"name": "adopt"}, name="adopt"),
    path("<int:rejudging_id>/back/", move, {"name": "back"}, name="back"),
    path("<int:rejudging_id>/cancel/", move, {"name": "cancel"}, name="cancel"),
    path("<int:rejudging_id>/resume/", move, {"name": "resume"}, name="resume"),
]
