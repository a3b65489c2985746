"""Pages of the wing `comply`: laws, privacy and vendors."""
