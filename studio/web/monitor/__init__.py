"""Pages of the area Monitor."""
