"""Saved views: queries of inventory lists that a person named, for that person or for the team."""
