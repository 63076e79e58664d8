"""The sample of episodes that people answer once more after criteria were reworded: where it waits, how far it is, what it says."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count

from judging.engine.disputes import agree
from judging.models import CriterionLink, ItemState, Meaning, Review, ReviewItem, ReviewQueue, ReviewState, RubricVersion
from judging.models.review_queue import CONFIRM
from judging.selectors.labels import Label, labels
from judging.selectors.rubrics import rubric_of


class Progress(NamedTuple):
    """The sample in one queue: ``items``, how many are done, and how many can be answered by nobody."""

    queue: ReviewQueue
    items: int
    done: int
    broken: int

    @property
    def waits(self) -> int:
        """Items that people still have to answer."""
        return self.items - self.done - self.broken


class Kept(NamedTuple):
    """A reworded criterion: of how many episodes there is a new answer beside the old one, and how many of these agree."""

    slug: str
    question: str
    answered: int
    agree: int

    @property
    def percent(self) -> int | None:
        """Share that agrees; None while there is no new answer."""
        return round(100 * self.agree / self.answered) if self.answered else None


def progress_of(*, version: RubricVersion | None = None, queue: ReviewQueue | None = None) -> list[Progress]:
    """Samples under a version, or in one queue, with those in which something waits first; one query, and one for the queues."""
    items = ReviewItem.objects.filter(stratum=CONFIRM, probe="")
    items = items.filter(queue=queue) if queue is not None else items.filter(queue__rubric_version=version)
    counts: dict[int, Counter[str]] = {}
    for number, state, n in items.order_by().values_list("queue", "state").annotate(n=Count("pk")):
        counts.setdefault(number, Counter())[state] = n
    queues = ReviewQueue.objects.in_bulk(counts) if counts else {}
    found = [Progress(queues[pk], sum(by.values()), by[ItemState.DONE], by[ItemState.BROKEN]) for pk, by in counts.items()]
    return sorted(found, key=lambda row: (not row.waits, row.queue.pk))


def answered_by(queue: ReviewQueue) -> Sequence[tuple[str, int]]:
    """Who answered items of the sample in a queue, and how many each; most first."""
    rows = Review.objects.filter(item__queue=queue, item__stratum=CONFIRM, item__probe="", state=ReviewState.SEALED, revises=None)
    counted = rows.order_by().values_list("reviewer__username").annotate(n=Count("pk"))
    return sorted(counted, key=lambda row: (-row[1], row[0]))


def kept_of(version: RubricVersion) -> list[Kept]:
    """How the answers to each reworded criterion compare with those that it took over; none where nothing was reworded.

    A dozen queries at most, whatever their number.
    """
    reworded = CriterionLink.objects.filter(version=version, meaning=Meaning.REWORDED).select_related("before__version__rubric", "after")
    links = {link.before.slug: link for link in reworded if link.after is not None}
    if not links:
        return []
    asked = {link.after.slug for link in links.values() if link.after}
    new = _values(label for label in labels(version, review__item__stratum=CONFIRM) if label.criterion in asked and not label.carried)
    episodes = {episode for _slug, episode in new}
    before = next(iter(links.values())).before.version
    old = _values(label for label in labels(before, review__item__episode__in=episodes) if label.criterion in links)
    criteria = {criterion.id: criterion for criterion in rubric_of(version).criteria}
    found = []
    for slug, link in links.items():
        assert link.after is not None
        criterion = criteria[link.after.slug]
        both = [(old[slug, e], value) for (s, e), value in new.items() if s == criterion.id and (slug, e) in old]
        found.append(Kept(criterion.id, criterion.question, len(both), sum(agree(criterion, *pair) for pair in both)))
    return found


def _values(rows: Iterable[Label]) -> Mapping[tuple[str, int], int | None]:
    return {(label.criterion, label.episode): label.value for label in rows}
