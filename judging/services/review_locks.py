"""The one lock of review queues."""

from judging.models import ReviewItem


def item_lock(item_id: int) -> ReviewItem:
    """Make whatever else changes the item, its slots or reviews wait for the end of this transaction. Everybody locks the item first."""
    return ReviewItem.objects.select_for_update(no_key=True).get(pk=item_id)
