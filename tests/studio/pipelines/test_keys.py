"""Encryption keys: where they come from, and how stored secrets are moved from one to the next."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from studio.pipelines.keys import vault
from synthesis.adapters.vault import Vault, VaultError, fresh_key
from synthesis.engine.outgoing import Reach
from synthesis.models import ModelEndpoint
from synthesis.services.endpoints import EndpointFacts, endpoint_create

PLANTED = "sk-planted-7b1f9a2c4d6e8f01"
FACTS = EndpointFacts(base_url="https://models.example/v1", model="m")


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """A key file that is not there yet, and no keys in the environment."""
    settings.STUDIO_ENCRYPTION_KEYS = []
    settings.STUDIO_ENCRYPTION_KEY_FILE = tmp_path / "data" / "encryption_keys"
    return tmp_path / "data" / "encryption_keys"


def stored(slug: str) -> str:
    """The locked key of an endpoint."""
    return ModelEndpoint.objects.values_list("key", flat=True).get(slug=slug)


def test_embedded_makes_a_key_when_one_is_needed(key_file: Path) -> None:
    locked = vault().lock(PLANTED)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert vault().unlock(locked) == PLANTED
    assert [path.name for path in key_file.parent.iterdir()] == ["encryption_keys"]


def test_without_file_and_environment_no_key_is_stored(settings: Settings) -> None:
    settings.STUDIO_ENCRYPTION_KEYS, settings.STUDIO_ENCRYPTION_KEY_FILE = [], None
    with pytest.raises(VaultError, match="STUDIO_ENCRYPTION_KEYS is not set"):
        vault()


def test_keys_of_the_environment_come_first_and_the_file_still_reads(key_file: Path, settings: Settings) -> None:
    before = vault().lock(PLANTED)
    settings.STUDIO_ENCRYPTION_KEYS = [fresh_key()]
    assert vault().unlock(before) == PLANTED
    assert Vault(settings.STUDIO_ENCRYPTION_KEYS).unlock(vault().lock(PLANTED)) == PLANTED


@pytest.mark.django_db
def test_rotation_in_the_environment(key_file: Path, settings: Settings) -> None:
    old, new = fresh_key(), fresh_key()
    settings.STUDIO_ENCRYPTION_KEY_FILE = None
    settings.STUDIO_ENCRYPTION_KEYS = [old]
    endpoint_create(slug="one", facts=FACTS, key=PLANTED, vault=vault, reach=Reach())
    endpoint_create(slug="two", facts=FACTS, key="", vault=vault, reach=Reach())
    settings.STUDIO_ENCRYPTION_KEYS = [new, old]
    call_command("rotate_keys")
    settings.STUDIO_ENCRYPTION_KEYS = [new]
    assert vault().unlock(stored("one")) == PLANTED
    assert stored("two") == ""


@pytest.mark.django_db
def test_rotation_of_the_file_drops_the_old_key(key_file: Path) -> None:
    endpoint_create(slug="one", facts=FACTS, key=PLANTED, vault=vault, reach=Reach())
    old = Vault([key_file.read_text()])
    call_command("rotate_keys", "--fresh")
    assert len(key_file.read_text().split()) == 1
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert vault().unlock(stored("one")) == PLANTED
    with pytest.raises(VaultError):
        old.unlock(stored("one"))


@pytest.mark.django_db
def test_a_key_that_cannot_be_read_stops_the_rotation_whole(key_file: Path, settings: Settings) -> None:
    endpoint_create(slug="one", facts=FACTS, key=PLANTED, vault=vault, reach=Reach())
    before = stored("one")
    endpoint_create(slug="two", facts=FACTS, key=PLANTED, vault=lambda: Vault([fresh_key()]), reach=Reach())
    with pytest.raises(CommandError, match="cannot be decrypted"):
        call_command("rotate_keys")
    assert stored("one") == before


def test_fresh_keys_are_not_made_beside_the_environment(key_file: Path, settings: Settings) -> None:
    settings.STUDIO_ENCRYPTION_KEYS = [fresh_key()]
    with pytest.raises(CommandError, match="STUDIO_ENCRYPTION_KEYS"):
        call_command("rotate_keys", "--fresh")
