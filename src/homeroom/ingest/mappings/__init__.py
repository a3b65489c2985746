"""Mapping files: which column of a list is which field."""
