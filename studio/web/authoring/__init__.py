"""Pages on which domains and their tools are written: part of the area Catalogue."""
