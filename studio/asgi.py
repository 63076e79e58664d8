"""The web process's entry: ``uvicorn studio.asgi:application``."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")

pages = get_asgi_application()

# After Django is set up: sockets read models.
from studio.live.routing import application as sockets  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
