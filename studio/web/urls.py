"""URLs of the pages, by area."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("studio.web.home.urls")),
    path("", include("studio.web.access.urls")),
    path("catalogue/", include("studio.web.catalogue.urls")),
    path("catalogue/", include("studio.web.console.urls")),
    path("catalogue/", include("studio.web.scenarios.urls")),
    path("catalogue/", include("studio.web.cast.urls")),
    path("catalogue/", include("studio.web.authoring.urls")),
    path("catalogue/", include("studio.web.evolution.urls")),
    path("catalogue/", include("studio.web.rubrics.choice_urls")),
    path("runs/", include("studio.web.runs.urls")),
    path("repairs/", include("studio.web.repairs.urls")),
    path("rejudging/", include("studio.web.rejudging.urls")),
    path("review/", include("studio.web.review.urls")),
    path("judges/", include("studio.web.judges.urls")),
    path("rubrics/", include("studio.web.rubrics.urls")),
    path("datasets/", include("studio.web.datasets.urls")),
    path("models/", include("studio.web.models.urls")),
    path("monitor/", include("studio.web.monitor.urls")),
    path("settings/", include("studio.web.settings.urls")),
]
