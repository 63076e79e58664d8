"""Preference pairs as people read them."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Count

from judging.models import PairState, PreferencePair


def pairs(*, state: str = "", without: Collection[int] = (), after: int | None = None, limit: int = 100) -> Sequence[PreferencePair]:
    """Pairs, newest first, with both episodes and who made them; ``state`` "" means any. None of the episodes ``without``: which play of
    two is better is what a judge thinks.
    """
    rows = PreferencePair.objects.select_related("chosen", "rejected", "made_by")
    if state:
        rows = rows.filter(state=state)
    if without:
        rows = rows.exclude(chosen__in=without).exclude(rejected__in=without)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:limit])


def pair_counts() -> Mapping[str, int]:
    """How many pairs there are in each state."""
    counted = dict(PreferencePair.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return {state: counted.get(state, 0) for state in PairState.values}
