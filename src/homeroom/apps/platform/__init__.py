"""State, queries and commands of the wing `platform`: what every district needs to run."""
