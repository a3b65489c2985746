"""Permissions that a director granted beside the table, and what a visitor holds."""
