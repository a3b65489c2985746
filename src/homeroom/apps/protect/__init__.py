"""State, queries and commands of the wing `protect`: how secure the district is."""
