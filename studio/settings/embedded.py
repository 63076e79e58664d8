"""One machine, no services: SQLite, own broker file, everything under ``STUDIO_DATA``. The default of manage.py and bin/studio."""

import secrets

from studio.settings import environment
from studio.settings.base import *  # noqa: F403 - settings build on one another
from studio.settings.base import STUDIO_DATA
from studio.settings.kept_files import kept

SECRET_KEY = environment.text("STUDIO_SECRET_KEY") or kept(STUDIO_DATA / "secret_key", lambda: secrets.token_urlsafe(50))
STUDIO_ENCRYPTION_KEY_FILE = STUDIO_DATA / "encryption_keys"
# Ollama and vLLM run beside such a studio; whoever may enter addresses here sits at this machine.
STUDIO_OUTGOING_ALLOWED = environment.places("STUDIO_OUTGOING_ALLOWED", "loopback")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.hosts("STUDIO_ALLOWED_HOSTS")]
