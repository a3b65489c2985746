"""Content as records of the wing `manage`: the team's work."""
