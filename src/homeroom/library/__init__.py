"""Load the built-in content and refuse what is invalid, with file, field and what would fit."""
