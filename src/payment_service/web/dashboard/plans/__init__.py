"""Plans: what the apps sell, for how much, and who holds which price."""
