"""Repairing episodes, and the preference pairs that come of it."""
