"""Scenarios: browsing them, replaying their gold, drawing some to look at."""
