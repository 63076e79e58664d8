"""Evolution: language models extend the catalogue, step by step (design page participants.md). Plain; the models are handed in."""
