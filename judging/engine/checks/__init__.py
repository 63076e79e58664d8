"""Programmatic checks: free, exact, each with its evidence. They come first and outrank judges."""
