"""The try-it console: a tool called by hand in a seeded world of one's own."""
