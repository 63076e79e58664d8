"""The review queue with 100,000 episodes and 20,000 items: how long claiming, sealing and the pages take, and how many queries.

Run against an empty database: ``DATABASE_URL=... python manage.py migrate``, then ``DATABASE_URL=... python -m tests.benchmarks.reviews``.
"""

import argparse
import os
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

import django

ROWS = 500
LOG = 30
"""Events of the episodes that are opened."""


class Watch:
    """Takes the time of deeds: milliseconds on the wall, and of this process's CPU, which a busy machine does not lengthen."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def __call__(self, act: Callable[[], Any]) -> Any:
        begun, working = perf_counter(), process_time()
        done = act()
        self.wall.append(1000 * (perf_counter() - begun))
        self.cpu.append(1000 * (process_time() - working))
        return done

    def __str__(self) -> str:
        return f"{median(self.wall):.1f} ms (best {min(self.wall):.1f}, worst {max(self.wall):.1f}; CPU {median(self.cpu):.1f})"


def timed(act: Callable[[], Any], times: int) -> str:
    """Times of a deed, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    watch = Watch()
    for _ in range(times):
        watch(act)
    with CaptureQueriesContext(connection) as asked:
        act()
    return f"{watch}, {len(asked)} queries"


def fill(episodes: int, items: int) -> Any:
    """The run, its queue, a tenth of the items reviewed by two people each who differ now and then."""
    from django.utils import timezone

    from judging.models import ItemState, Review, ReviewItem, ReviewSlot, Verdict
    from judging.services.adjudications import disputes_refresh
    from judging.services.review_probes import gold_mark
    from judging.services.review_queues import items_ask, queue_install
    from judging.services.rubrics import rubric_install, starter_rubric
    from synthesis.models import Episode, Event
    from tests.builders_many import many_episodes
    from tests.judging.services.reviewing import reviewer

    run = many_episodes(episodes)
    queue = queue_install(version=rubric_install(rubric=starter_rubric()))
    queue.overlap = 2
    queue.save()
    numbers = list(Episode.objects.filter(run=run, status="judged").order_by("pk").values_list("pk", flat=True)[:items])
    now = timezone.now()
    for start in range(0, items, 2000):
        items_ask(queue=queue, episode_ids=numbers[start : start + 2000], probability=1.0, asked_by="o", now=now)
    people, criteria = [reviewer(f"r{n}") for n in range(4)], list(queue.rubric_version.criteria.all())
    done = list(queue.items.order_by("pk")[: items // 10])
    usual: dict[str, Any] = {"state": "sealed", "decision": "keep", "active_seconds": 200, "started": now, "sealed": now}
    for start in range(0, len(done), ROWS):
        chunk = done[start : start + ROWS]
        slots = list(ReviewSlot.objects.filter(item__in=chunk).order_by("item", "n"))
        for slot in slots:
            slot.state, slot.holder = "sealed", people[(slot.item_id + slot.n) % 4]
        ReviewSlot.objects.bulk_update(slots, ["state", "holder"])
        reviews = Review.objects.bulk_create(Review(item_id=s.item_id, slot=s, reviewer=s.holder, **usual) for s in slots)
        Verdict.objects.bulk_create(
            Verdict(review=r, criterion=c, answered=True, value=0 if (r.item_id + r.pk) % 13 == 0 else 5, reason="seen", evidence=[1])
            for r in reviews
            for c in criteria
        )
        ReviewItem.objects.filter(pk__in=[item.pk for item in chunk]).update(state=ItemState.DONE)
    for item in done:
        disputes_refresh(item_id=item.pk)
    for item in done[:40]:
        item.refresh_from_db()
        gold_mark(item=item, expected={"policy": 5}, by=people[0], now=now)
    opened = list(queue.items.order_by("-priority", "pk").values_list("episode", flat=True)[: items // 10 + 400])
    said = [{"role": role, "text": "words " * 20} for role in ("user", "agent")]
    log = (
        Event(episode_id=e, seq=n, kind="message", turn=n, head="m", payload=said[n % 2], created=now) for e in opened for n in range(LOG)
    )
    Event.objects.bulk_create(log, batch_size=2000)
    Episode.objects.filter(pk__in=opened).update(next_seq=LOG)
    return queue


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--filled", action="store_true", help="the database was filled by an earlier run")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.test")
    django.setup()
    from django.db import connection
    from django.urls import reverse
    from django.utils import timezone

    from judging.models import Review, ReviewQueue
    from judging.selectors.adjudications import next_item
    from judging.selectors.labels import labels
    from judging.services.review_claims import claim_next
    from judging.services.review_work import review_seal
    from studio.models import Role
    from tests.judging.services.reviewing import full, token_of
    from tests.people import make_person, signed_in

    queue = ReviewQueue.objects.get() if asked.filled else fill(asked.episodes, asked.items)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    me = make_person(f"bench{Review.objects.count()}", Role.OWNER)
    browser = signed_in(me)
    state: dict[str, Any] = {}

    def claim() -> None:
        state["review"] = claim_next(queue=queue, reviewer_id=me.pk, now=timezone.now())

    def seal() -> None:
        review = state["review"]
        assert not review_seal(review=review, sheet=full(), token=token_of(review), now=timezone.now()).flaws

    taken, sealing, ways = Watch(), Watch(), Watch()
    for _ in range(40):
        taken(claim)
        sealing(seal)
    print(f"{connection.vendor}: claim {taken}; seal {sealing}")
    answers = {f"v-{c.slug}": "5" for c in queue.rubric_version.criteria.all()} | {"decision": "keep"}

    def on() -> None:
        review = state["review"]
        sent = browser.post(reverse("review:seal", args=[review.item_id]), {**answers, "token": token_of(review)})
        assert browser.get(sent["Location"]).status_code == 200
        state["review"] = Review.objects.filter(reviewer=me, state="draft").get()

    claim()
    for _ in range(15):
        ways(on)
    print(f"from the seal to the next item's page: {ways}")
    waits = next_item(person_id=me.pk)
    pages = {
        "next item": reverse("review:item", args=[state["review"].item_id]),
        "index": reverse("review:index"),
        "queue of its manager": reverse("review:queue", args=[queue.slug]),
        "manage": reverse("review:manage"),
        "disputes": reverse("review:disputes"),
        "settle": reverse("review:settle", args=[waits]),
        "questions": reverse("review:questions"),
        "worksheet": reverse("review:worksheet", args=[queue.rubric_version.criteria.all()[0].pk]),
        "my card": reverse("review:card"),
        "reviewers": reverse("review:people"),
        "gold": reverse("review:gold", args=[queue.slug]),
    }
    for name, url in pages.items():
        print(f"{name}: {timed(lambda url=url: browser.get(url), 7)}")  # type: ignore[misc]
    print(f"labels: {timed(lambda: list(labels(queue.rubric_version)), 3)}")


if __name__ == "__main__":
    main()
