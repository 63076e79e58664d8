"""Judges: who answers a rubric."""
