"""URLs on which models extend the catalogue."""

from django.urls import URLPattern, URLResolver, path

from studio.web.evolution.drafts import accept, draft, open_in_editor, reject
from studio.web.evolution.pages import cancel, evolution, index, new, pause, resume, tree

app_name = "evolution"
urlpatterns: list[URLPattern | URLResolver] = [
    path("evolution/", index, name="index"),
    path("evolution/new/", new, name="new"),
    path("evolution/<int:evolution_id>/", evolution, name="evolution"),
    path("evolution/<int:evolution_id>/tree/", tree, name="tree"),
    path("evolution/<int:evolution_id>/pause/", pause, name="pause"),
    path("evolution/<int:evolution_id>/resume/", resume, name="resume"),
    path("evolution/<int:evolution_id>/cancel/", cancel, name="cancel"),
    path("evolution/drafts/<int:draft_id>/", draft, name="draft"),
    path("evolution/drafts/<int:draft_id>/accept/", accept, name="accept"),
    path("evolution/drafts/<int:draft_id>/reject/", reject, name="reject"),
    path("evolution/drafts/<int:draft_id>/open/", open_in_editor, name="open"),
]
