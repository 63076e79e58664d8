"""Pages on which rubrics are read."""

import msgspec
import pytest
from django.test import Client

from judging.engine.rubric_text import read_rubric
from judging.services import rubric_install, starter_rubric
from studio.models import Role
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    old = starter_rubric()
    rubric_install(rubric=old)
    criteria = [msgspec.structs.replace(c, question="Was <every> rule kept?") if c.id == "policy" else c for c in old.criteria]
    rubric_install(rubric=msgspec.structs.replace(old, criteria=criteria))
    return signed_in(make_person("vera", Role.VIEWER))


def test_list_and_rubric_lead_to_versions(client: Client) -> None:
    assert 'href="/rubrics/starter/"' in client.get("/rubrics/").content.decode()
    page = client.get("/rubrics/starter/").content.decode()
    assert "Was &lt;every&gt; rule kept?" in page and "/rubrics/starter/versions/1/" in page
    assert "a yes obtained before changes" in client.get("/rubrics/starter/versions/1/").content.decode()
    assert client.get("/rubrics/starter/versions/3/").status_code == 404


def test_versions_are_compared_word_by_word(client: Client) -> None:
    page = client.get("/rubrics/starter/compare/").content.decode()
    assert "<del>" in page and "policy" in page and "every" in page
    assert page.count("badge warn") == 1
    turned = client.get("/rubrics/starter/compare/", {"from": "2", "to": "2"}).content.decode()
    assert "Nothing differs." in turned


def test_a_version_is_a_file_that_reads_as_the_rubric(client: Client) -> None:
    answer = client.get("/rubrics/starter/versions/1.yaml")
    assert "attachment" in answer["Content-Disposition"]
    assert read_rubric(answer.content.decode()) == starter_rubric()
