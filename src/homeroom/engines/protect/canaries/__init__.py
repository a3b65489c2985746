"""Canaries: names that look as if they belonged to a district."""
