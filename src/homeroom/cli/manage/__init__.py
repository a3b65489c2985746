"""Verbs of the wing `manage`: the team's work."""
