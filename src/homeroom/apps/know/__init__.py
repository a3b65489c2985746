"""State, queries and commands of the wing `know`: what the district has."""
