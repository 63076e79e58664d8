"""Secrets at rest."""

import pytest

from synthesis.adapters.vault import Vault, VaultError, fresh_key


def test_keys_rotate() -> None:
    old, new = fresh_key(), fresh_key()
    locked = Vault([old]).lock("sk-1")
    assert "sk-1" not in locked
    both = Vault([new, old])
    assert both.unlock(locked) == "sk-1"
    again = both.relock(locked)
    assert Vault([new]).unlock(again) == "sk-1"
    with pytest.raises(VaultError, match="cannot be decrypted"):
        Vault([new]).unlock(locked)


def test_no_secret_is_none() -> None:
    vault = Vault([fresh_key()])
    assert vault.lock("") == vault.unlock("") == vault.relock("") == ""


@pytest.mark.parametrize("keys", [[], ["short"], [""]])
def test_bad_keys_are_said_to_be_bad(keys: list[str]) -> None:
    with pytest.raises(VaultError):
        Vault(keys)
