"""Create the tables of an empty database."""
