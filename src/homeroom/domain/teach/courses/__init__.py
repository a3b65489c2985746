"""Courses that people take alone or a class takes together, and how hard their English is to read."""
