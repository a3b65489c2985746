"""Rosters handed on: a bundle checked for the vendor who made it, one written for a learning platform, two compared."""
