"""The planning area, with a database."""
