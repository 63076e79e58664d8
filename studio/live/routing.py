"""URLs of the sockets."""

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.urls import path

from studio.live.episodes import EpisodeSocket

urlpatterns = [path("live/episodes/<int:episode_id>/", EpisodeSocket.as_asgi(), name="live_episode")]
# The routing of Channels takes consumers where Django's types say views.
application = AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(urlpatterns)))
