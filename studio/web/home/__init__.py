"""Pages of the area Home."""
