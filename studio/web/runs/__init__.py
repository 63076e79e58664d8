"""Pages of the area Runs."""
