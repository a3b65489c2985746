"""Whole journeys of the cast through a served sample district: each does what it came for, in a real browser."""
