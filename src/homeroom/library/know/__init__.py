"""Content as records of the wing `know`: what the district has."""
