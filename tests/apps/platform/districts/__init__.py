"""The area of districts, with a database."""
