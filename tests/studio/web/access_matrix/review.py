"""Who gets in at the pages of reviews. Items are those of one person: whoever does not review them finds nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from judging.models import Adjudication, Criterion, ReviewItem
from judging.services.adjudications import Ruling, adjudicate, note_add
from tests.judging.services.reviewing import a_queue, claimed, reviewer, sealed
from tests.judging.services.reviewing import an_item as queues_item
from tests.studio.web.access_matrix.entry import OWNERS, A, Entry, O, P, R

REVIEWING = frozenset({O, A, P, R})


def owner() -> User:
    """The owner, who reviews here."""
    return User.objects.get(username="owner")


def an_item() -> Mapping[str, Any]:
    """An item that the owner holds."""
    return {"item_id": claimed(a_queue(1), owner()).item_id}


def a_sealed_item() -> Mapping[str, Any]:
    """An item that the owner sealed."""
    return {"item_id": sealed(a_queue(1), owner()).item_id}


def an_event() -> Mapping[str, Any]:
    """A message of an item that the owner holds."""
    return {**an_item(), "seq": 1}


def mine(method: Any = "get", arguments: Callable[[], Mapping[str, Any]] = an_item, **more: Any) -> Entry:
    """A page of the owner's own item."""
    return Entry(OWNERS, method, arguments, **more)


MANAGING = frozenset({O, P})


def a_slot() -> Mapping[str, Any]:
    """A slot that the owner holds."""
    return {"slot_id": claimed(a_queue(1), owner()).slot_id}


def a_slug() -> Mapping[str, Any]:
    """A queue."""
    return {"slug": a_queue(0).slug}


def an_episode() -> Mapping[str, Any]:
    """An episode that is over."""
    return {"episode_id": queues_item(a_queue(1)).episode_id}


def a_run() -> Mapping[str, Any]:
    """The run of such episodes."""
    return {"run_id": queues_item(a_queue(1)).episode.run_id}


def a_dispute() -> ReviewItem:
    """An item about which ann and the judge differ."""
    queue = a_queue(1)
    return sealed(queue, reviewer("ann"), "drop", 0).item


def a_disputed_item() -> Mapping[str, Any]:
    """An item to be settled."""
    return {"item_id": a_dispute().pk}


def a_question() -> Mapping[str, Any]:
    """A question that is disputed."""
    return {"criterion_id": Adjudication.objects.filter(item=a_dispute())[0].criterion_id}


def a_note() -> Mapping[str, Any]:
    """A note on it."""
    criterion = Criterion.objects.get(pk=a_question()["criterion_id"])
    return {"note_id": note_add(criterion=criterion, text="clearer", by=reviewer("ann"), now=timezone.now()).pk}


def a_settled_dispute() -> Mapping[str, Any]:
    """One that cat settled."""
    item = a_dispute()
    slug = item.adjudications.all()[0].criterion.slug
    made = adjudicate(item_id=item.pk, by=reviewer("cat"), rulings=[Ruling(slug, "new", 3)], now=timezone.now())
    return {"adjudication_id": made[0].pk}


SETTLING = frozenset({O, A, P})

ENTRIES = {
    "review:card": Entry(REVIEWING),
    "review:people": Entry(MANAGING),
    "review:disputes": Entry(SETTLING),
    "review:settle": Entry(SETTLING, arguments=a_disputed_item),
    "review:reopen_dispute": Entry(MANAGING, "post", a_settled_dispute),
    "review:questions": Entry(SETTLING),
    "review:worksheet": Entry(SETTLING, arguments=a_question),
    "review:worksheet_file": Entry(SETTLING, arguments=a_question),
    "review:note": Entry(SETTLING, "post", a_question, data={"text": "clearer"}),
    "review:note_close": Entry(SETTLING, "post", a_note),
    "review:forecast": Entry(MANAGING),
    "review:gold": Entry(MANAGING, arguments=a_slug),
    "review:gold_item": Entry(MANAGING, arguments=a_disputed_item),
    "review:manage": Entry(MANAGING),
    "review:queue_new": Entry(MANAGING),
    "review:queue": Entry(MANAGING, arguments=a_slug),
    "review:add": Entry(MANAGING, "post", a_slug),
    "review:slot": Entry(MANAGING, "post", a_slot),
    "review:reopen": Entry(MANAGING, "post", an_item),
    "review:send_episode": Entry(MANAGING, "post", an_episode),
    "review:send_run": Entry(MANAGING, "post", a_run),
    "review:index": Entry(REVIEWING),
    "review:next": Entry(REVIEWING, "post"),
    "review:recent": Entry(REVIEWING),
    "review:item": mine(),
    "review:save": mine("post"),
    "review:seal": mine("post"),
    "review:resume": mine("post"),
    "review:later": mine("post"),
    "review:decline": mine("post", data={"reason": "no"}),
    "review:undo": mine("post", a_sealed_item),
    "review:sealed": mine(arguments=a_sealed_item),
    "review:revise": mine(arguments=a_sealed_item),
    "review:body": mine(arguments=an_event),
}
