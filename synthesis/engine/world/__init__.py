"""Executable worlds: seeded tables, overlays, programs, deltas."""
