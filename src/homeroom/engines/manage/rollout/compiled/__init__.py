"""The compiled search: rooms, strings of visits and crews of two are moved in C, many times faster than in Python."""
