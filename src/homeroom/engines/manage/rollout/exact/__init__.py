"""Provably best plans of small rollouts, by a search over sets of rooms day by day."""
