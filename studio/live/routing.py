"""URLs of the sockets."""

from typing import Any, cast

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.urls import path

from studio.live.episodes import EpisodeSocket

# The routing of Channels takes consumers where Django's types say views.
urlpatterns: list[Any] = [cast("Any", path)("live/episodes/<int:episode_id>/", EpisodeSocket.as_asgi(), name="live_episode")]
application = AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(urlpatterns)))
