"""Vendors: what they may have of students, what they were sent and granted, and what goes beyond."""
