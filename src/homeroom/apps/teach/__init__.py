"""State, queries and commands of the wing `teach`: good practice among students and staff."""
