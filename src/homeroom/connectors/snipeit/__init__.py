"""Snipe-IT: the asset list, as its CSV export and its import form write it."""
