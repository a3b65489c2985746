"""State, queries and commands of the wing `comply`: laws, privacy and vendors."""
