"""Pages of personas and agents, in the area Catalogue."""
