"""Wiring and every door: settings, workers, commands, pages."""
