"""Simulated tools: what a model is shown, what it may answer, and what would contradict the world it has told of before."""
