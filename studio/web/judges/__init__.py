"""The pages of the area Judges: how far judges can be trusted, and how people agree."""
