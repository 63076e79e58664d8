"""Who sits in an episode's seats."""
