"""One machine, no services: SQLite, own broker file, everything under ``STUDIO_DATA``. The default of manage.py and bin/studio."""

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from studio.settings import environment
from studio.settings.base import *  # noqa: F403 - settings build on one another
from studio.settings.base import STUDIO_DATA


def kept_secret(folder: Path) -> str:
    """The secret key of this data folder, made at the first start and readable by its owner only.

    Raises ImproperlyConfigured when the folder cannot be written.
    """
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = folder / f"secret_key.{secrets.token_hex(4)}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
            try:
                path.hardlink_to(fresh)  # fails if another first start was quicker; then its key counts
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be used ({error.strerror}): make it writable or set STUDIO_DATA"
        ) from error


SECRET_KEY = environment.text("STUDIO_SECRET_KEY") or kept_secret(STUDIO_DATA)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.hosts("STUDIO_ALLOWED_HOSTS")]
