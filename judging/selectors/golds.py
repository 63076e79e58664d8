"""Gold items of a queue for those who manage it."""

from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from judging.models import Adjudication, GoldItem, ItemState, Probe, ReviewItem, ReviewQueue, ReviewState
from judging.selectors.labels import labels
from judging.selectors.reviews import blind_episodes


class Gold(NamedTuple):
    """A gold item, and to how many people it was given, how many of them sealed it."""

    gold: GoldItem
    given: int
    sealed: int

    @property
    def pk(self) -> int:
        """Its place in the list."""
        return self.gold.pk


def golds(queue: ReviewQueue, *, viewer_id: int, after: int | None = None, limit: int = 50) -> list[Gold]:
    """Gold items of the queue, newest first, without those of episodes that the viewer is reviewing blind."""
    rows = GoldItem.objects.filter(item__queue=queue, active=True).exclude(item__episode__in=blind_episodes(viewer_id))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return [_counted(row) for row in _with_numbers(rows).order_by("-pk")[:limit]]


def gold_get(gold_id: int) -> Gold | None:
    """One gold item, or None."""
    row = _with_numbers(GoldItem.objects.filter(pk=gold_id, active=True)).first()
    return _counted(row) if row is not None else None


def _with_numbers(rows: QuerySet[GoldItem]) -> Any:
    rounds = Q(item__probes__probe=Probe.GOLD)
    return (
        rows.select_related("item__episode", "by")
        .defer("item__episode__cast")
        .annotate(
            given=Count("item__probes", filter=rounds, distinct=True),
            sealed=Count("item__probes", filter=rounds & Q(item__probes__reviews__state=ReviewState.SEALED), distinct=True),
        )
    )


def _counted(row: Any) -> Gold:
    return Gold(row, row.given, row.sealed)


def candidates(queue: ReviewQueue, *, viewer_id: int, limit: int = 20) -> list[ReviewItem]:
    """Items that could be gold: adjudicated ones first, then others that are done and of which nothing waits; newest first."""
    waiting = Adjudication.objects.filter(item=OuterRef("pk"), current=True, outcome="")
    done = queue.items.filter(~Exists(waiting), state=ItemState.DONE, probe="").exclude(gold__active=True)
    done = done.exclude(episode__in=blind_episodes(viewer_id))
    settled = _newest(done.filter(pk__in=Adjudication.objects.filter(item__queue=queue, current=True).values("item")), limit)
    if len(settled) == limit:
        return settled
    return settled + _newest(done.exclude(pk__in=[item.pk for item in settled]), limit - len(settled))


def _newest(items: QuerySet[ReviewItem], limit: int) -> list[ReviewItem]:
    return list(items.select_related("episode").defer("episode__cast").order_by("-pk")[:limit])


def gold_of(item: ReviewItem) -> GoldItem | None:
    """The gold item that this item is, or None."""
    return GoldItem.objects.filter(item=item, active=True).first()


def proposed(item: ReviewItem) -> dict[str, int | None]:
    """What to expect of an item: as it is marked already, else its settled values."""
    gold = gold_of(item)
    if gold is not None:
        return dict(gold.expected)
    found = labels(item.queue.rubric_version, review__item=item)
    return {label.criterion: label.value for label in found if not label.waits}
