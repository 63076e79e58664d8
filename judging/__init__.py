"""Deciding what is good: checks, judges, gates, datasets and exports."""
