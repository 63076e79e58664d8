"""URLs of the area Models. Its first page is called ``index``: the navigation leads there. Names of endpoints come last."""

from django.urls import URLPattern, URLResolver, path

from studio.web.models import cast, endpoints, previews, prompts, usage

app_name = "models"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", endpoints.index, name="index"),
    path("new/", endpoints.new, name="new"),
    path("cast/", cast.cast, name="cast"),
    path("usage/", usage.spent, name="usage"),
    path("prompts/", prompts.index, name="prompts"),
    path("prompts/<slug:name>/", prompts.prompt, name="prompt"),
    path("prompts/<slug:name>/changes/", prompts.difference, name="prompt_diff"),
    path("prompts/<slug:name>/default/", prompts.default, name="prompt_default"),
    path("preview/<slug:seat>/", previews.preview, name="preview"),
    path("at/<slug:slug>/", endpoints.endpoint, name="endpoint"),
    path("at/<slug:slug>/edit/", endpoints.edit, name="edit"),
    path("at/<slug:slug>/active/", endpoints.active, name="active"),
    path("at/<slug:slug>/delete/", endpoints.delete, name="delete"),
    path("at/<slug:slug>/check/", endpoints.check_panel, name="check_panel"),
    path("at/<slug:slug>/check/ask/", endpoints.check, name="check"),
]
