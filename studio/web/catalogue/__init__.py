"""Pages of the area Catalogue."""
