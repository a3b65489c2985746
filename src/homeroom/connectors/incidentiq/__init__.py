"""Incident IQ: assets, as its asset grid is exported to CSV."""
