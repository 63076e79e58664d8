"""Pages of the area Review."""
