"""URLs of the rubrics of domains and scenarios, below the catalogue."""

from django.urls import URLPattern, URLResolver, path, re_path

from studio.web.rubrics.choices import choose_for_domain, choose_for_scenario, domain

app_name = "rubric_choices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("domains/<slug:slug>/rubric/", domain, name="domain"),
    path("domains/<slug:slug>/rubric/choose/", choose_for_domain, name="choose_for_domain"),
    re_path(r"^scenarios/(?P<digest>[0-9a-f]{64})/rubric/$", choose_for_scenario, name="choose_for_scenario"),
]
