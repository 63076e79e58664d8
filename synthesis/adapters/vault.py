"""Secrets at rest: encrypted with keys that come from outside, the first of which encrypts and all of which decrypt (rotation)."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

UNREADABLE = "a stored secret cannot be decrypted: was its key taken out of STUDIO_ENCRYPTION_KEYS?"


class VaultError(Exception):
    """A secret that cannot be read, or a key that is none. The text holds neither."""


class Vault:
    """``keys`` are Fernet keys (32 bytes in URL-safe base64), the newest first. Raises VaultError."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise VaultError("no encryption key: set STUDIO_ENCRYPTION_KEYS")
        try:
            self.fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            # Without its cause: what base64 says of a bad key may quote it.
            raise VaultError("an encryption key must be 32 bytes in URL-safe base64") from None

    def lock(self, secret: str) -> str:
        """The secret, encrypted; "" stays ""."""
        return self.fernet.encrypt(secret.encode()).decode() if secret else ""

    def unlock(self, locked: str) -> str:
        """The secret. Raises VaultError when no key fits."""
        if not locked:
            return ""
        try:
            return self.fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            raise VaultError(UNREADABLE) from None

    def relock(self, locked: str) -> str:
        """The same secret under the newest key. Raises VaultError when no key fits."""
        try:
            return self.fernet.rotate(locked.encode()).decode() if locked else ""
        except InvalidToken:
            raise VaultError(UNREADABLE) from None


def fresh_key() -> str:
    """A new key."""
    return Fernet.generate_key().decode()
