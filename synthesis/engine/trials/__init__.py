"""Tools called by hand in a seeded world of one's own."""
