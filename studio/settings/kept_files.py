"""Small secrets that a set-up makes for itself and keeps in files of its data folder."""

import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text of ``path``; made at the first need, and readable by its owner only.

    Raises ImproperlyConfigured when the folder cannot be written.
    """
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = written(path, make())
            try:
                path.hardlink_to(fresh)  # fails if another first start was quicker; then its text counts
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be used ({error.strerror}): make it writable or set STUDIO_DATA"
        ) from error


def replaced(path: Path, text: str) -> None:
    """Put ``text`` in place of what ``path`` holds, at once or not at all."""
    written(path, text).replace(path)


def written(path: Path, text: str) -> Path:
    """A new file beside ``path`` with ``text`` in it."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="ascii")
    return fresh
