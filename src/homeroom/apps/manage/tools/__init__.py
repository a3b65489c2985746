"""Tools: what the district pays for and uses, what overlaps, what is missing, hollow, or to be renewed."""
