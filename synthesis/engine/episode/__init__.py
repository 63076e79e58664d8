"""The episode loop, its events and its ports."""
