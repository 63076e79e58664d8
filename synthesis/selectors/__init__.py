"""Reading: what the rooms above ask of the catalogue, of runs and of episodes. Selectors never write."""
