"""Every URL of the studio, opened or sent to as its owner would: none fails. Cheap enough to be run on PostgreSQL too."""

import pytest
from django.contrib.auth.models import User

from tests.people import signed_in
from tests.studio.web.test_access_matrix import ENTRIES, isolated


@pytest.mark.django_db
def test_no_url_fails(owner: User) -> None:
    owners = {name: entry for name, entry in ENTRIES.items() if not name.startswith("api:")}
    assert len(owners) > 40
    statuses = {name: isolated(signed_in(owner), name, entry) for name, entry in owners.items()}
    assert {name: status for name, status in statuses.items() if status >= 500 or status in {403, 405}} == {}
