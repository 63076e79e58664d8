"""The ports of the seats, under the name by which participants know them; they live in ``episode.seats``."""

from synthesis.engine.episode.seats import Agent as Agent
from synthesis.engine.episode.seats import AgentMove as AgentMove
from synthesis.engine.episode.seats import User as User
from synthesis.engine.episode.seats import UserMove as UserMove
from synthesis.engine.randomness import rng_for as rng_for
