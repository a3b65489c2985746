"""Estimates from what a district has: studies of a start, breakage by age, and the intervals that both share."""
