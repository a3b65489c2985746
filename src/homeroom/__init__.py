"""Homeroom: where a K-12 district's technology team starts the day."""

__version__ = "0.1.0"
