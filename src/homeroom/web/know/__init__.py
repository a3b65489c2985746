"""Pages of the wing `know`: what the district has."""
