"""Enrichment: what a district's evidence knows of an event, and what its logs taught so far."""
