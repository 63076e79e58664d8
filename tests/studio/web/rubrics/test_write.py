"""Writing a rubric on its pages: text, form, conflict, publishing."""

import pytest
from django.test import Client

from judging.engine.rubric_lint import read_draft
from judging.models import CriterionLink, Judgement, RubricDraft, RubricVersion
from judging.services import rubric_install, starter_rubric
from studio.models import AuditEntry, Role
from tests.judging.services.reviewing import a_queue, reviewer, sealed
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    rubric_install(rubric=starter_rubric())
    client = signed_in(make_person("ann", Role.AUTHOR))
    assert client.post("/rubrics/starter/draft/begin/").status_code == 302
    return client


def draft() -> RubricDraft:
    return RubricDraft.objects.get(slug="starter")


def test_a_draft_begins_as_the_newest_version_and_saves_itself(client: Client) -> None:
    assert read_draft(draft().text, "starter")[0] == starter_rubric()
    text = draft().text.replace("Was the policy kept", "Was every rule kept")
    answer = client.post("/rubrics/starter/draft/", {"text": text, "version": 1}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and 'data-version="2"' in answer.content.decode()
    assert draft().text == text and AuditEntry.objects.filter(action="rubrics.edit").count() == 2
    client.post("/rubrics/starter/draft/", {"text": text, "version": 2})
    assert AuditEntry.objects.filter(action="rubrics.edit").count() == 2


def test_nobody_loses_words_when_two_write(client: Client) -> None:
    client.post("/rubrics/starter/draft/", {"text": "theirs", "version": 1})
    answer = client.post("/rubrics/starter/draft/", {"text": "mine <b>", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409 and "theirs" in page and "mine &lt;b&gt;" in page and 'name="version" value="2"' in page
    assert draft().text == "theirs"


def form_data(client: Client) -> dict[str, str]:
    """The form as it stands, as a browser would send it."""
    context = client.get("/rubrics/starter/draft/form/").context
    data = {"version": str(draft().version), **{name: context["head"][name].value() for name in ("name", "description")}}
    for part in [context["criteria"].management_form, *context["criteria"]]:
        for field in part:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = str(value)
    return data


def test_the_form_is_another_view_of_the_text(client: Client) -> None:
    data = form_data(client)
    assert client.post("/rubrics/starter/draft/form/", data).status_code == 302
    assert read_draft(draft().text, "starter")[0] == starter_rubric()
    data = form_data(client) | {"c-2-question": "Was every rule kept?", "c-5-DELETE": "on", "c-0-ORDER": "9"}
    data |= {"c-6-id": "tone", "c-6-question": "Is it friendly?", "c-6-a5": "Yes.", "c-6-a0": "No."}
    assert client.post("/rubrics/starter/draft/form/", data).status_code == 302
    rubric, _findings = read_draft(draft().text, "starter")
    assert rubric is not None
    assert [c.id for c in rubric.criteria] == ["tool_use", "policy", "grounding", "communication", "task_success", "tone"]
    assert rubric.criteria[1].question == "Was every rule kept?" and rubric.criteria[-1].answered_by == "judge"


def test_a_form_that_is_wrong_keeps_what_was_typed(client: Client) -> None:
    data = form_data(client) | {"c-2-question": "Kept <i>?", "c-2-caps": "no_such_check: 0"}
    answer = client.post("/rubrics/starter/draft/form/", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Kept &lt;i&gt;?" in page and "no_such_check" in page
    assert read_draft(draft().text, "starter")[0] == starter_rubric()


def test_publishing_asks_what_became_of_each_criterion(client: Client) -> None:
    text = draft().text.replace("Was the policy kept", "Was every rule kept")
    client.post("/rubrics/starter/draft/", {"text": text, "version": 1})
    page = client.get("/rubrics/starter/draft/publish/").content.decode()
    assert page.count('name="meaning-policy"') == 3 and "meaning-grounding" not in page
    assert client.post("/rubrics/starter/draft/publish/", {"version": 2}).status_code == 422
    assert client.post("/rubrics/starter/draft/publish/", {"version": 1, "meaning-policy": "new"}).status_code == 422
    assert RubricVersion.objects.count() == 1
    assert client.post("/rubrics/starter/draft/publish/", {"version": 2, "meaning-policy": "new"}).status_code == 302
    assert RubricVersion.objects.count() == 2 and CriterionLink.objects.get(before__slug="policy").meaning == "new"


def test_a_new_rubric_begins_as_a_draft(client: Client) -> None:
    assert client.post("/rubrics/new/", {"name": 'Tone "of" voice', "slug": "tone"}).status_code == 302
    row = RubricDraft.objects.get(slug="tone")
    rubric, findings = read_draft(row.text, "tone")
    assert rubric is not None and rubric.name == 'Tone "of" voice' and findings == []
    assert "/rubrics/tone/draft/" in client.get("/rubrics/").content.decode()
    assert client.post("/rubrics/new/", {"name": "Again", "slug": "starter"}).status_code == 422
    client.post("/rubrics/tone/draft/publish/", {"version": 1})
    assert RubricVersion.objects.get(rubric__slug="tone").number == 1


def test_a_draft_is_tried_on_past_episodes(client: Client) -> None:
    queue = a_queue(2)
    sealed(queue, reviewer("rita"), value=2)
    text = draft().text.replace("pass_at: 4.0\n", "pass_at: 5.0\n")
    text = text.replace("Was the policy kept", "Was every rule kept")
    client.post("/rubrics/starter/draft/", {"text": text, "version": 1})
    answer = client.get("/rubrics/starter/draft/try/")
    lines = answer.context["lines"]
    assert len(lines) == 2 and sum(number for _before, cells in answer.context["matrix"] for _now, number, _moved in cells) == 2
    assert lines[0][0].people["policy"] == 2 and lines[1][0].people == {}
    page = answer.content.decode()
    assert f"/runs/episodes/{lines[0][0].episode.pk}/" in page and "people: 2" in page
    # What the judge stored is what the published version says here.
    for line, _cells in lines:
        judged = Judgement.objects.get(episode=line.episode, decides=True)
        assert (line.old.overall, line.old.passed) == (judged.overall, judged.passed and not judged.hard_fails)
