"""Judging as plain Python: no database, no I/O."""
