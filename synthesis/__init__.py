"""Making trajectories: domains, scenarios, episodes. Imports nothing else of ours."""
