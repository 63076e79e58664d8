"""Saying values and reading texts, in English and Korean."""
