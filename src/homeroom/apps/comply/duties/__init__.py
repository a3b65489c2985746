"""Duties of laws: how far the district meets each, by when, whose it is, and what changed with an update."""
