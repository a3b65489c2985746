"""Queries over the published vulnerability review."""
