"""The web process's entry: ``uvicorn studio.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")

application = get_asgi_application()
