"""Messy districts for measuring entity resolution: exports as products write them, and the truth."""
