"""Eight processes at one review queue: 600 slots of 300 items, each slot once, nobody twice on an item, nothing lost;
with gold and repeated items among them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.studio.installation import ROOT, Installation

PREPARE = """
from django.contrib.auth.models import User
from django.utils import timezone
from judging.services import rubric_install, starter_rubric
from judging.services.review_claims import claim_next
from judging.services.review_probes import gold_mark
from judging.services.review_queues import items_ask, queue_install
from judging.services.review_work import review_seal
from tests.judging.services.reviewing import full
from synthesis.models import Episode
from synthesis.services.runs import run_start
run = run_start(seed=1, episodes=310, variations=["plain"])
Episode.objects.update(next_seq=5)
queue = queue_install(version=rubric_install(rubric=starter_rubric()))
queue.overlap = 2
queue.save()
for n in range(8):
    User.objects.create(username=f"r{n}")
now = timezone.now()
numbers = list(Episode.objects.order_by("pk").values_list("pk", flat=True))
# Ten items that two others have done already are gold; probes come far more often than in life.
items_ask(queue=queue, episode_ids=numbers[:10], probability=1.0, asked_by="o", now=now)
for name in ("g0", "g1"):
    who = User.objects.create(username=name)
    while (review := claim_next(queue=queue, reviewer_id=who.pk, now=now)) is not None:
        assert not review_seal(review=review, sheet=full(), token=review.slot.token, now=now).flaws
for item in queue.items.all():
    gold_mark(item=item, expected={"policy": 5}, by=who, now=now)
queue.gold_share, queue.repeat_share, queue.repeat_hours = 0.1, 0.2, 0
queue.save()
print(items_ask(queue=queue, episode_ids=numbers[10:], probability=1.0, asked_by="o", now=now))
"""

RACE = """
import json, sys, django; django.setup()
from datetime import timedelta
from time import sleep
from django.contrib.auth.models import User
from django.utils import timezone
from judging.models import Review, ReviewQueue
from judging.services.review_claims import claim_next, leases_expire
from judging.services.review_work import review_seal
from tests.judging.services.reviewing import full
me, queue = User.objects.get(username=sys.argv[1]).pk, ReviewQueue.objects.get()
print("ready", flush=True); sys.stdin.readline()
lapsed, idle, claimed = [], 0, 0
while idle < 20:
    review = claim_next(queue=queue, reviewer_id=me, now=timezone.now())
    if review is None:
        idle += 1
        sleep(0.1)
        continue
    claimed += 1
    token = review.slot.token
    if claimed % 10 == 0:
        # Somebody who goes for lunch: the lease lapses, and the work comes late.
        lapsed.append((review.pk, token))
        review.slot.lease_until = timezone.now() - timedelta(minutes=1)
        review.slot.save(update_fields=["lease_until"])
        leases_expire(now=timezone.now())
    else:
        assert not review_seal(review=review, sheet=full(), token=token, now=timezone.now()).flaws
for pk, token in lapsed:
    assert not review_seal(review=Review.objects.get(pk=pk), sheet=full("drop"), token=token, now=timezone.now()).flaws
print(json.dumps([claimed, len(lapsed)]))
"""

COUNT = """
from collections import Counter
from django.db.models import F
from judging.models import GoldItem, Review, ReviewItem, ReviewSlot
gold = list(GoldItem.objects.values_list("item", flat=True))
mine = Review.objects.filter(reviewer__username__startswith="r")
print(json.dumps({
    "slots": dict(Counter(ReviewSlot.objects.filter(item__probe="").exclude(item__in=gold).values_list("state", flat=True))),
    "items": dict(Counter(ReviewItem.objects.filter(probe="").exclude(pk__in=gold).values_list("state", flat=True))),
    "probes": dict(Counter(ReviewItem.objects.exclude(probe="").values_list("probe", flat=True))),
    "probe_states": dict(Counter(ReviewItem.objects.exclude(probe="").values_list("state", flat=True))),
    "strangers": Review.objects.exclude(item__probe="").exclude(reviewer=F("item__probed")).count(),
    "probed_twice": len([n for n in Counter(ReviewItem.objects.exclude(probe="").values_list("origin", "probed")).values() if n > 1]),
    "twice": len([n for n in Counter(Review.objects.values_list("item", "reviewer")).values() if n > 1]),
    "filled": mine.filter(state="sealed", late=False, item__probe="").values("slot").distinct().count(),
    "mismatched": [r.pk for r in Review.objects.filter(slot__isnull=False).select_related("slot") if r.slot.holder_id != r.reviewer_id],
    "reviews": dict(Counter(mine.values_list("state", flat=True))),
    "late": Review.objects.filter(late=True).count(),
}))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, studio_environment: dict[str, str]) -> Installation:
    """An installation on either database."""
    if request.param == "sqlite":
        return Installation(studio_environment)
    return Installation({**studio_environment, "DATABASE_URL": request.getfixturevalue("fresh_postgres_url")})


def race(place: Installation) -> list[tuple[int, int]]:
    """How much each of eight reviewers claimed, and how much of it lapsed; all let go at once."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, f"r{n}"], env=place.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = [racer.communicate(timeout=300)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 8
    return [tuple(json.loads(out)) for out in told]


@pytest.mark.slow
def test_every_slot_is_reviewed_once_and_late_work_is_kept(place: Installation, tmp_path: Path) -> None:
    assert place.ask(PREPARE) == 300
    shares = race(place)
    found: dict[str, Any] = place.ask(COUNT)
    claimed, lapsed = sum(share[0] for share in shares), sum(share[1] for share in shares)
    assert found["slots"] == {"sealed": 600}
    assert found["items"] == {"done": 300}
    assert found["filled"] == 600
    assert found["twice"] == 0
    assert found["mismatched"] == []
    assert found["reviews"] == {"sealed": claimed}
    assert lapsed > 20
    # Every slot once, and whatever lapsed was served again; what came late to a full item is an extra review. Probes come beside that.
    probes = sum(found["probes"].values())
    assert set(found["probes"]) == {"gold", "repeat"}
    assert found["probes"]["gold"] <= 80
    assert found["probe_states"] == {"done": probes}
    assert found["strangers"] == found["probed_twice"] == 0
    assert claimed == 600 + found["late"] + probes
    assert sum(1 for share in shares if share[0]) == 8
