"""Permissions: what each role may do in a district, by name."""
