"""Content as records of the wing `comply`: laws, privacy and vendors."""
