"""Queries over the published assessment."""
