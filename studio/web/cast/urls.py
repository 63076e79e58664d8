"""URLs of personas and agents."""

from django.urls import URLPattern, URLResolver, path

from studio.web.cast import agents, personas, sampling

app_name = "cast"
urlpatterns: list[URLPattern | URLResolver] = [
    path("personas/", personas.personas, name="personas"),
    path("personas/new/", personas.new, name="persona_new"),
    path("personas/<slug:slug>/", personas.persona, name="persona"),
    path("personas/<slug:slug>/edit/", personas.edit, name="persona_edit"),
    path("personas/<slug:slug>/active/", personas.active, name="persona_active"),
    path("agents/", agents.agents, name="agents"),
    path("agents/new/", agents.new, name="agent_new"),
    path("agents/sample/", sampling.sample, name="sample"),
    path("agents/sample/keep/", sampling.keep, name="keep"),
    path("agents/<slug:slug>/", agents.agent, name="agent"),
    path("agents/<slug:slug>/edit/", agents.edit, name="agent_edit"),
    path("agents/<slug:slug>/active/", agents.active, name="agent_active"),
]
