"""Tools that know nothing of billing."""
