"""Pages on which models extend the catalogue: part of the area Catalogue."""
