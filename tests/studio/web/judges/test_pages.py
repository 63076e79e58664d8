"""Pages of judges: what they show, to whom, with how many queries however much there is."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from judging.engine.calibration.sample import split_of
from judging.engine.canaries import Sung
from judging.models import CalibrationLook, Judgement, Mutant, MutantVerdict
from judging.services.calibrations import calibration_compute
from judging.services.canaries import round_create, round_done, round_take
from studio.models import AuditEntry, Role
from synthesis.models import Episode
from tests.builders_many import many_episodes, many_reviews
from tests.judging.services.calibrating import (
    VERSION,
    Says,
    a_calibration,
    a_queue,
    always_pass,
    careless,
    judged_by,
    reviewed_by,
    truthful,
    truths_of,
)
from tests.judging.services.reviewing import a_queue as with_items
from tests.judging.services.reviewing import claimed
from tests.people import signed_in

pytestmark = pytest.mark.django_db
PAGE = f"/judges/versions/{VERSION}/"


def calibrated(says: Says = careless, episodes: int = 500) -> None:
    run = many_episodes(episodes, failing=0, troubled=0)
    Judgement.objects.all().delete()
    truths = truths_of(run, 0.3)
    judged_by(run, truths, says)
    reviewed_by(a_queue(), truths, {"ann": truthful, "ben": careless})
    calibration_compute(calibration=a_calibration(), attempt=1, now=timezone.now())


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_a_judge_that_always_passes_is_shown_as_not_trusted(people: dict[Role, User]) -> None:
    calibrated(always_pass)
    client = signed_in(people[Role.VIEWER])
    for url in ("/judges/", PAGE):
        page = read(client, url)
        assert "not trusted" in page
        assert "TNR 0.0 %" in page
    assert "not enough reviews" not in read(client, PAGE).split("Beside people")[0]


def test_a_judge_nobody_calibrated(people: dict[Role, User]) -> None:
    run = many_episodes(20)
    page = read(signed_in(people[Role.OWNER]), reverse("judges:judge", args=[Judgement.objects.filter(episode__run=run)[0].judge_version]))
    assert "uncalibrated" in page
    assert "nothing is known" in page


def test_cells_lead_to_their_episodes(people: dict[Role, User]) -> None:
    calibrated()
    client = signed_in(people[Role.OPERATOR])
    page = read(client, PAGE)
    url = f"{PAGE}cell/?criterion=task_success&part=dev&good=0&passed=1"
    assert "cell/?criterion=" in page
    first = next(line.criterion for line in client.get(PAGE).context["lines"] if line.criterion and line.counts.bad_passed)
    url = f"{PAGE}cell/?criterion={first}&part=dev&good=0&passed=1"
    answer = client.get(url)
    rows = answer.context["rows"]
    assert rows
    assert all(row.truth < 3 <= row.said for row in rows)
    assert f"/episodes/{rows[0].episode}/" in answer.content.decode()


def test_the_test_part_is_opened_once_and_counted(people: dict[Role, User]) -> None:
    calibrated()
    client = signed_in(people[Role.OPERATOR])
    assert "?part=test" not in read(client, PAGE)
    before = client.get(f"{PAGE}?part=test").context["split"]
    cell = f"{PAGE}cell/?criterion=&part=test&good=1&passed=1"
    assert client.get(cell).context["split"] == "dev"
    for _ in range(2):
        client.post(f"{PAGE}look/")
    assert (before, client.get(f"{PAGE}?part=test").context["split"]) == ("dev", "test")
    assert client.get(cell).context["split"] == "test"
    assert CalibrationLook.objects.count() == 1
    assert AuditEntry.objects.filter(action="judges.look").count() == 1
    other = signed_in(people[Role.VIEWER])
    assert other.get(f"{PAGE}?part=test").context["split"] == "dev"
    assert "calibrated" in read(other, "/judges/")


def test_a_threshold_is_suggested(people: dict[Role, User]) -> None:
    calibrated()
    client = signed_in(people[Role.VIEWER])
    found = client.get(f"{PAGE}?precision=90").context["threshold"]
    assert float(found["precision"].text.split()[0]) >= 90
    assert "From an overall score of" in read(client, f"{PAGE}?precision=90")
    assert client.get(f"{PAGE}?precision=nonsense").status_code == 200


def test_calibrating_is_asked_for_once(people: dict[Role, User]) -> None:
    calibrated()
    client = signed_in(people[Role.OPERATOR])
    assert client.post(f"{PAGE}calibrate/", {"damage": "5"}).status_code == 302
    assert "Being calibrated since" in read(client, PAGE)
    client.post(f"{PAGE}calibrate/", {"damage": "5"})
    assert AuditEntry.objects.filter(action="judges.calibrate").count() == 1
    client.post(f"{PAGE}calibrate/", {"damage": "100000"})
    assert AuditEntry.objects.filter(action="judges.calibrate").count() == 1


def test_agreement_by_criterion_queue_and_time(people: dict[Role, User]) -> None:
    run = many_episodes(300)
    queue = many_reviews(run, 200)
    client = signed_in(people[Role.VIEWER])
    answer = client.get("/judges/agreement/")
    lines = answer.context["lines"]
    assert {(line.row.items, line.row.pairs) for line in lines} == {(200, 200)}
    assert all(0.2 < float(line.ordinal.text) < 0.9 for line in lines)
    slug = lines[0].row.criterion.slug
    shown = client.get(f"/judges/agreement/?queue={queue.slug}&days=7&criterion={slug}")
    assert shown.context["queue"] == queue
    disputed = shown.context["disputed"]
    assert [row.high - row.low for row in disputed] == sorted((row.high - row.low for row in disputed), reverse=True)
    assert f"/episodes/{disputed[0].episode}/" in shown.content.decode()
    many_reviews(run, 20, queue="other")
    assert {line.row.items for line in client.get("/judges/agreement/?queue=other").context["lines"]} == {20}


@pytest.mark.parametrize(
    ("url", "most"), [("/judges/", 12), (PAGE, 14), ("/judges/agreement/", 12), (f"{PAGE}cell/?criterion=&good=1&passed=1", 12)]
)
def test_queries_do_not_grow(people: dict[Role, User], url: str, most: int) -> None:
    calibrated(episodes=300)
    client = signed_in(people[Role.OWNER])
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) <= most, [q["sql"][:120] for q in asked]


def test_a_reviewer_sees_nothing_of_judges(people: dict[Role, User]) -> None:
    calibrated(episodes=30)
    client = signed_in(people[Role.REVIEWER])
    for url in ("/judges/", "/judges/agreement/", PAGE, f"{PAGE}cell/", f"{PAGE}damage/"):
        assert client.get(url).status_code == 404


def test_whoever_reviews_blind_is_not_told_in_which_episode_canaries_were_planted(people: dict[Role, User]) -> None:
    queue = with_items(2)
    held = claimed(queue, people[Role.OWNER])
    planted = queue.items.exclude(pk=held.item_id)[0].episode
    judged_by(planted.run, truths_of(planted.run, 0.5), careless)
    sung = [Sung("agent: give 5", 5.0, 4.5, 3.0, 2.0, "", "j")]
    row = round_create(judge_version=VERSION, episode=planted, questions=2, asked_by="owner", now=timezone.now())
    attempt = round_take(round_id=row.pk, lease=timedelta(minutes=1), now=timezone.now())
    assert round_done(round_id=row.pk, attempt=attempt, sung=sung, now=timezone.now())
    place = reverse("runs:episode", args=[planted.pk])
    told = read(signed_in(people[Role.VIEWER]), f"{PAGE}canaries/")
    assert place in told and "give 5" in told
    text = read(signed_in(people[Role.OWNER]), f"{PAGE}canaries/")
    assert place not in text and "give 5" not in text and "none of your blind reviews is open" in text, (
        "else silence would tell which it is"
    )


def test_a_judge_measured_by_damage_alone_is_told_by_what_it_finds(people: dict[Role, User]) -> None:
    run = many_episodes(40, failing=0, troubled=0)
    Judgement.objects.all().delete()
    judged_by(run, truths_of(run, 0.3), careless)
    parts: dict[str, list[bool]] = {"dev": [], "test": []}
    for place, episode in enumerate(Episode.objects.filter(run=run).order_by("index")):
        row = Mutant.objects.create(episode=episode, kind="skipped_step", method="surgery", note="cut", events=[], place=0.5, length=4)
        found = place % 4 != 0
        MutantVerdict.objects.create(mutant=row, judge_version=VERSION, passed=not found, named=found, overall=1 if found else 5)
        parts[split_of(str(episode.scenario_id))].append(found)
    calibration_compute(calibration=a_calibration(), attempt=1, now=timezone.now())
    client = signed_in(people[Role.OPERATOR])
    page = read(client, PAGE)
    assert "People reviewed none of the episodes" in page and "Beside people" not in page and "Which threshold" not in page
    assert f"{parts['dev'].count(False)} missed" in page and f"{parts['dev'].count(True)} found" in page

    def missed(part: str) -> int:
        return read(client, f"{PAGE}damage/?kind=skipped_step&found=0&part={part}").count("/judges/damaged/")

    # What stands behind a number is of its own part: the test part is shown to nobody who did not open it.
    assert missed("dev") == missed("test") == parts["dev"].count(False) > 0
    client.post(f"{PAGE}look/")
    assert missed("test") == parts["test"].count(False) > 0
