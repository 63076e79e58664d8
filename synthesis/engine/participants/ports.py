"""The ports of the seats, under the name by which participants know them; they live in ``episode.seats``."""

from synthesis.engine.episode.seats import Agent, AgentMove, User, UserMove
from synthesis.engine.randomness import rng_for

__all__ = ["Agent", "AgentMove", "User", "UserMove", "rng_for"]
