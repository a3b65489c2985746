"""Planted tools of the invented district: their lists, what is true of them, and what only looks like it."""
