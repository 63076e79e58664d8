"""Before somebody seals, no byte that reaches them holds what the judge, or anybody else, thinks of the episode.

A judgement gets values that occur nowhere else. Then every URL of the URL configuration is asked, as a reviewer and as an owner who holds
an item, and the answers are searched for them.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from judging.models import (
    Adjudication,
    CheckResult,
    CriterionScore,
    GoldItem,
    Judgement,
    Mutant,
    MutantVerdict,
    Review,
    ReviewQueue,
    RubricNote,
)
from judging.services.review_claims import slot_assign
from judging.services.review_probes import probe_take
from judging.services.review_work import review_decline, review_seal
from studio.models import Role
from synthesis.models import EpisodeTruth, Event, Run
from tests.judging.services.reviewing import a_queue, an_item, claimed, full, sealed, token_of
from tests.people import make_person
from tests.studio.live.test_episodes import cookie_of, read_all, socket

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[Role], Client]
WORDS = ("zyxmodel", "zyxjudge", "zyxreason", "zyxcheck", "zyxtag", "zyxparty", "zyxhard", "zyxslip", "zyxcomment", "zyxother", "zyxruling")
VOTES = ("1.19", "3.68", ">1.2<", ">4.9<", "3.7 apart")
PLANTED = (*WORDS, *VOTES, "1.37", "2.73", ">1.4<", ">2.7<")
FRAGMENTS = ("/review/", "/runs/")
API = ("judgements", "reviews", "disputes/", "gold", "preference-pairs")
AFTER_SEAL = ("zyxjudge", "zyxreason", "1.37", "2.7")
OF_THE_FRAME = re.compile(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]*')


@pytest.fixture
def queue(db: None) -> ReviewQueue:
    """A queue of one item for three people, whose judgement, slip and first review say what occurs nowhere else."""
    made = a_queue(1, overlap=3)
    episode = an_item(made).episode
    judgement = Judgement.objects.filter(episode=episode)
    judgement.update(
        judge="zyxjudge", overall=1.37, passed=False, party="zyxparty", tag="zyxtag", reason="zyxreason", failed_check="zyxcheck",
        severity="zyxsever", first_event=3, hard_fails=["zyxhard"], disputed=True,
    )  # fmt: skip
    CriterionScore.objects.filter(judgement__in=judgement).update(
        value=2.73, reason="zyxreason", evidence=[2, 4], votes=[1.19, 4.87], spread=3.68
    )
    CheckResult.objects.create(
        judgement=judgement.get(), check_id="zyxcheck", reason="zyxreason", evidence=[2], party="zyxparty", tag="zyxtag", severity="zyx"
    )
    Run.objects.filter(pk=episode.run_id).update(
        seats={"user": "model:zyxmodel", "agent": "model:zyxmodel", "tools": "scripted"},
        stopped={"kind": "no_access", "party": "agent", "endpoint": "zyxmodel", "detail": "zyxmodel"},
    )
    episode.cast["seats"] = {"user": "model:zyxmodel", "agent": "model:zyxmodel"}
    episode.failure, episode.cost, episode.tokens = {"kind": "agent_refused", "detail": "zyxmodel"}, 5, 5
    episode.save()
    for event in Event.objects.filter(episode=episode):
        event.payload["usage"] = {"model": "zyxmodel", "cost": 5}
        if "cast" in event.payload:
            event.payload["cast"]["seats"] = episode.cast["seats"]
        Event.objects.filter(episode=episode, seq=event.seq).update(payload=event.payload)
    EpisodeTruth.objects.create(episode=episode, planned_slip="zyxslip", slip={"kind": "zyxslip", "note": "zyxslip"})
    other = claimed(made, make_person("zyxother", Role.REVIEWER))
    assert not review_seal(review=other, sheet=full("drop", comment="zyxcomment"), token=token_of(other), now=timezone.now()).flaws
    # The other's review differs from the judge's: that waits to be settled. Somebody noted something on the question.
    dispute = Adjudication.objects.create(
        item=an_item(made), criterion=made.rubric_version.criteria.all()[0], cause="judge", outcome="ambiguous", by=other.reviewer,
        note="zyxruling", settled=timezone.now(),
    )  # fmt: skip
    RubricNote.objects.create(
        criterion=dispute.criterion, kind="ambiguous", adjudication=dispute, by=other.reviewer, text="zyxruling", created=timezone.now()
    )
    GoldItem.objects.create(item=an_item(made), expected={"zyxother": 3}, by=other.reviewer, created=timezone.now())
    mutant = Mutant.objects.create(
        episode=episode, kind="skipped_step", method="surgery", note="zyxother", place=0.5, length=1,
        events=[{"seq": 0, "kind": "message", "turn": 1, "head": "hello", "payload": {"role": "user", "text": "hello"}}],
    )  # fmt: skip
    MutantVerdict.objects.create(mutant=mutant, judge_version=judgement.get().judge_version, passed=False, named=True, reason="zyxreason")
    free, leaver = an_item(made).slots.filter(state="free")[0], make_person("leaver", Role.REVIEWER)
    gone = slot_assign(slot_id=free.pk, reviewer_id=leaver.pk, now=timezone.now())
    assert gone is not None
    review_decline(review=gone, reason="zyxcomment")
    return made


def patterns(resolver: URLResolver, names: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, (*names, pattern.namespace) if pattern.namespace else names)
        else:
            yield ":".join((*names, pattern.name or "")), pattern


def addresses(queue: ReviewQueue) -> list[str]:
    """Every URL that can be made from what there is: the item's episode, run, judgement, review."""
    item = an_item(queue)
    judgement = Judgement.objects.get(episode=item.episode_id)
    parts: dict[str, Any] = {
        "episode_id": item.episode_id,
        "run_id": item.episode.run_id,
        "item_id": item.pk,
        "judgement_id": judgement.pk,
        "review_id": Review.objects.order_by("pk")[0].pk,
        "seq": 2,
        "digest": item.episode.scenario_id,
        "criterion_id": Adjudication.objects.order_by("pk")[0].criterion_id,
        "adjudication_id": Adjudication.objects.order_by("pk")[0].pk,
        "disputed_id": item.pk,
        "mutant_id": Mutant.objects.get(episode=item.episode_id).pk,
        "version": judgement.judge_version,
        "gold_id": GoldItem.objects.get(item=item).pk,
    }
    found = []
    for name, pattern in patterns(get_resolver()):
        kinds = pattern.pattern.converters
        values = {part: parts.get(part, queue.slug if part == "slug" else 1) for part in kinds}
        if name and name != "api:nothing":
            try:
                found.append(reverse(name, kwargs=values))
            except Exception:  # noqa: BLE001 - what these parts do not fit is no address of this item
                continue
    step = reverse("runs:step", args=[item.episode_id, 2])
    more = [f"{step}?tab=checks", f"{step}?tab=scores", f"/api/v1/judgements/?episode={item.episode_id}", "/api/v1/reviews/?state=sealed"]
    return [*found, *more]


def leaks(browser: Client, urls: list[str]) -> tuple[list[tuple[str, str]], int]:
    """What was planted and where it was found; how many addresses answered."""
    wrong, answered = [], 0
    for url in urls:
        for headers in ({}, {"HX-Request": "true"}) if url.startswith(FRAGMENTS) else ({},):
            answer = browser.get(url, headers=headers)
            answered += answer.status_code == 200
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            text = OF_THE_FRAME.sub(b"", content).decode("utf-8", "replace")
            wrong += [(url, word) for word in PLANTED if word in text]
    return wrong, answered


def test_no_url_tells_a_reviewer_anything(queue: ReviewQueue, browser_of: BrowserOf, people: dict[Role, User]) -> None:
    browser = browser_of(Role.REVIEWER)
    urls = addresses(queue)
    assert len(urls) > 60
    before, _ = leaks(browser, urls)
    assert before == [], "before the item is theirs"
    review = claimed(queue, people[Role.REVIEWER])
    wrong, answered = leaks(browser, urls)
    assert wrong == []
    assert answered > 50
    form = {"token": token_of(review), "comment": "mine"}
    for name in ("save", "seal", "later", "resume"):
        answer = browser.post(reverse(f"review:{name}", args=[review.item_id]), form, follow=True)
        assert not [word for word in PLANTED if word in answer.content.decode()], name
    claim = browser.post("/api/v1/review-items/claim/", b"{}", "application/json")
    assert not [word for word in PLANTED if word in claim.content.decode()]


@pytest.mark.parametrize("role", [Role.OWNER, Role.OPERATOR, Role.AUTHOR])
def test_whoever_holds_the_item_meets_nothing_at_its_episode(
    role: Role, queue: ReviewQueue, browser_of: BrowserOf, people: dict[Role, User]
) -> None:
    browser, item = browser_of(role), an_item(queue)
    judgement = Judgement.objects.get(episode=item.episode_id)
    own = (
        "/review/disputes/",
        "/review/questions/",
        "/review/manage/",
        f"/episodes/{item.episode_id}/",
        f"/items/{item.pk}/",
        f"/runs/{item.episode.run_id}/",
        f"/judgements/{judgement.pk}/",
        "/judges/damaged/",
        f"/judges/versions/{judgement.judge_version}/damage/",
    )
    urls = [
        url for url in addresses(queue) if (any(part in url for part in own) and "funnel" not in url) or any(part in url for part in API)
    ]
    seen, _ = leaks(browser, urls)
    assert {word for _, word in seen} >= {"zyxjudge", "zyxreason", "zyxtag", *VOTES}, "whoever does not review it sees it all"
    review = claimed(queue, people[role])
    # Who reviews in a queue is no secret from those who manage it, nor which judges there are; what they think is.
    known = (("/review/manage/", "zyxother"), ("/judges/versions/", "zyxjudge"))
    told = [(url, word) for url, word in leaks(browser, urls)[0] if not any(part in url and word == name for part, name in known)]
    assert told == []
    assert browser.get(f"/api/v1/judgements/{judgement.pk}/").status_code == 404
    review_seal(review=review, sheet=full(), token=token_of(review), now=timezone.now())
    shown = browser.get(reverse("review:sealed", args=[item.pk])).content.decode()
    assert [word for word in AFTER_SEAL if word not in shown] == []


def test_after_the_seal_both_stand_side_by_side(queue: ReviewQueue, browser_of: BrowserOf, people: dict[Role, User]) -> None:
    review = sealed(queue, people[Role.REVIEWER])
    browser = browser_of(Role.REVIEWER)
    shown = browser.get(reverse("review:sealed", args=[review.item_id])).content.decode()
    assert [word for word in AFTER_SEAL if word not in shown] == []
    assert "zyxother" not in shown, "other people's reviews are for adjudication"
    rest = [url for url in addresses(queue) if not url.endswith("/sealed/")]
    assert leaks(browser, rest)[0] == [], "nowhere else: a reviewer has items to come"


def test_putting_it_off_does_not_lift_the_blind(queue: ReviewQueue, browser_of: BrowserOf, people: dict[Role, User]) -> None:
    owner, item = people[Role.OWNER], an_item(queue)
    slot = item.slots.filter(state="free")[0]
    review = slot_assign(slot_id=slot.pk, reviewer_id=owner.pk, now=timezone.now())
    assert review is not None
    browser = browser_of(Role.OWNER)
    browser.post(reverse("review:later", args=[item.pk]), {"token": token_of(review)})
    step = reverse("runs:step", args=[item.episode_id, 2])
    assert leaks(browser, [f"{step}?tab=scores"])[0] == []


def test_whoever_answers_once_more_meets_neither_their_own_nor_the_judges_answers(
    queue: ReviewQueue, browser_of: BrowserOf, people: dict[Role, User]
) -> None:
    """A repeated item: its first round, sealed and even revealed, is closed as long as the second is open, and its episode has no name."""
    me, browser = people[Role.REVIEWER], browser_of(Role.REVIEWER)
    first = claimed(queue, me)
    assert not review_seal(review=first, sheet=full(comment="zyxmine"), token=token_of(first), now=timezone.now()).flaws
    assert "zyxjudge" in browser.get(reverse("review:sealed", args=[first.item_id])).content.decode()
    queue.repeat_share, queue.gold_share, queue.repeat_hours = 1.0, 0.0, 0
    again = probe_take(queue=queue, reviewer_id=me.pk, now=timezone.now())
    assert again is not None and again.item.origin_id == first.item_id
    for name in ("sealed", "revise"):
        answer = browser.get(reverse(f"review:{name}", args=[first.item_id]), follow=True)
        assert not [word for word in (*PLANTED, "zyxmine") if word in answer.content.decode()], name
    assert leaks(browser, addresses(queue))[0] == []
    screen = browser.get(reverse("review:item", args=[again.item_id])).content.decode()
    assert "zyxmine" not in screen
    assert not re.search(r"\brepeat\b", screen), "the kind of its round is not told"
    assert f"/episodes/{first.item.episode_id}/" not in screen
    told = {row["item"]: row["episode"] for row in browser.get("/api/v1/reviews/").json()["items"]}
    assert told[again.item_id] is None and told[first.item_id] == first.item.episode_id


@pytest.mark.django_db(transaction=True)
async def test_the_socket_of_the_episode_tells_nothing(queue: ReviewQueue) -> None:
    def prepare() -> tuple[int, bytes]:
        owner = make_person("olga", Role.OWNER)
        return claimed(queue, owner).item.episode_id, cookie_of(owner)

    episode_id, cookie = await sync_to_async(prepare)()
    client = socket(episode_id, cookie)
    assert await client.connect()
    _numbers, frames, _code = await read_all(client)
    text = str(frames)
    assert "Mochi" in text
    assert not [word for word in PLANTED if word in text]
