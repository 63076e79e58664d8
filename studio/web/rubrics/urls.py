"""URLs of rubrics."""

from django.urls import URLPattern, URLResolver, path

from studio.web.rubrics import trials
from studio.web.rubrics.publish import publish
from studio.web.rubrics.read import compare, download, index, rubric, version
from studio.web.rubrics.trial import trial
from studio.web.rubrics.write import begin, draft, form, new

app_name = "rubrics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("trials/<int:trial_id>/", trials.trial, name="trial"),
    path("trials/<int:trial_id>/progress/", trials.progress, name="trial_progress"),
    path("trials/<int:trial_id>/cancel/", trials.cancel, name="trial_cancel"),
    path("trials/<int:trial_id>/resume/", trials.resume, name="trial_resume"),
    path("trials/<int:trial_id>/accept/", trials.accept, name="trial_accept"),
    path("rewording/<int:criterion_id>/", trials.rewording, name="rewording"),
    path("<slug:slug>/", rubric, name="rubric"),
    path("<slug:slug>/draft/", draft, name="draft"),
    path("<slug:slug>/draft/begin/", begin, name="begin"),
    path("<slug:slug>/draft/form/", form, name="form"),
    path("<slug:slug>/draft/try/", trial, name="try"),
    path("<slug:slug>/draft/try/start/", trials.start, name="try_start"),
    path("<slug:slug>/draft/publish/", publish, name="publish"),
    path("<slug:slug>/compare/", compare, name="compare"),
    path("<slug:slug>/versions/<int:number>/", version, name="version"),
    path("<slug:slug>/versions/<int:number>.yaml", download, name="download"),
]
