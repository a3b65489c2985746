"""Infinite Campus: students and staff, from Ad Hoc exports and data extracts."""
