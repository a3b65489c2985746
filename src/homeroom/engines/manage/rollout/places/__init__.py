"""Places for single rooms in the days that people have: where one fits, and what would have to leave."""
