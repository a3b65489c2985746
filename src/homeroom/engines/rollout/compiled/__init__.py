"""The compiled search: rooms and strings of visits are moved in C, thousands of times faster than in Python."""
