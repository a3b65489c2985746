"""Verbs of the wing `protect`: how secure the district is."""
