"""Content about student data: its elements."""
