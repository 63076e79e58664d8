"""What the operator says about endpoints: the keys under which their secrets lie in the database (from the environment, or a file of the
data folder, never the database itself), and where requests may go.
"""

from django.conf import settings

from studio.settings.kept_files import kept, replaced
from synthesis.adapters.vault import Vault, VaultError, fresh_key
from synthesis.engine.outgoing import Reach
from synthesis.services.endpoints import endpoints_relock

WITHOUT_KEY = (
    "No key can be stored: STUDIO_ENCRYPTION_KEYS is not set. Make one with "
    "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' and give it to every process."
)


class KeysError(Exception):
    """Stored keys cannot be locked again; the text says why and holds none of them."""


def vault() -> Vault:
    """What locks and unlocks stored secrets. Doors lock; only workers unlock.

    Raises VaultError where there is no key, or one that is none.
    """
    named = list(settings.STUDIO_ENCRYPTION_KEYS)
    path = settings.STUDIO_ENCRYPTION_KEY_FILE
    if path is not None and (not named or path.exists()):
        # Beside keys of the environment the file goes on to decrypt what it once encrypted.
        named += kept(path, fresh_key).split()
    if not named:
        raise VaultError(WITHOUT_KEY)
    return Vault(named)


def reach() -> Reach:
    """Where requests to entered addresses may go."""
    return Reach(frozenset(settings.STUDIO_OUTGOING_ALLOWED))


def keys_rotate(*, fresh: bool) -> int:
    """Lock every stored secret again under the newest key; returns how many. With ``fresh`` a new key is made in the key file first, and
    the former ones are dropped afterwards. Raises KeysError.
    """
    try:
        return _with_fresh_key() if fresh else endpoints_relock(vault=vault())
    except VaultError as error:
        raise KeysError(str(error)) from error


def _with_fresh_key() -> int:
    path = settings.STUDIO_ENCRYPTION_KEY_FILE
    if path is None or settings.STUDIO_ENCRYPTION_KEYS:
        raise KeysError("The keys come from STUDIO_ENCRYPTION_KEYS: put a new one first there, restart, rotate, then take the old one out.")
    new, former = fresh_key(), kept(path, fresh_key).split()
    replaced(path, "\n".join([new, *former]))
    done = endpoints_relock(vault=Vault([new, *former]))
    replaced(path, new)
    return done
