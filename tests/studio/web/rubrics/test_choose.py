"""The rubric of a domain and of a scenario on their pages."""

import pytest

from judging.models import RubricChoice
from judging.services import rubric_install, starter_rubric
from studio.models import Role
from synthesis.models import Scenario
from tests.builders_runs import a_run, install, queued
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db


def test_an_author_attaches_a_rubric_and_everybody_sees_it() -> None:
    install()
    queued(a_run(1))
    rubric_install(rubric=starter_rubric())
    digest = Scenario.objects.values_list("pk", flat=True)[0]
    ann, val = signed_in(make_person("ann", Role.AUTHOR)), signed_in(make_person("val", Role.VIEWER))
    for place, page in (("/catalogue/domains/vet_clinic/rubric/choose/", "/catalogue/domains/vet_clinic/rubric/"),
                        (f"/catalogue/scenarios/{digest}/rubric/", f"/catalogue/scenarios/{digest}/")):  # fmt: skip
        assert val.post(place, {"rubric": "starter"}).status_code == 404
        assert ann.post(place, {"rubric": "starter"}).headers["Location"] == page
        seen = val.get(page).content.decode()
        assert starter_rubric().name in seen and 'name="rubric"' not in seen
        assert f'<option value="starter" selected>{starter_rubric().name}' in ann.get(page).content.decode()
    assert RubricChoice.objects.count() == 2
    told = val.get("/rubrics/starter/").content.decode()
    assert "/catalogue/domains/vet_clinic/rubric/" in told and digest in told
    ann.post("/catalogue/domains/vet_clinic/rubric/choose/", {"rubric": "gone"})
    ann.post(f"/catalogue/scenarios/{digest}/rubric/", {"rubric": ""})
    assert [choice.domain.slug for choice in RubricChoice.objects.all() if choice.domain] == ["vet_clinic"]
