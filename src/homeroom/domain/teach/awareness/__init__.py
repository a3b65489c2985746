"""Awareness: drills, whose event each is, and what people did."""
