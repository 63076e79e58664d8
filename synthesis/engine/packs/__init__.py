"""Domain packs: the format, its parser and its audit."""
