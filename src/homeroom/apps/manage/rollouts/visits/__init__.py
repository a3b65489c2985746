"""Visits: what became of them, calendars, and texts for teachers."""
