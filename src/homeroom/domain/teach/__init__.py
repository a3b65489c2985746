"""Nouns of the wing `teach`: good practice among students and staff."""
