"""When work that is done again and again is due."""
