"""State, queries and commands of the wing `manage`: the team's work."""
