"""Pages of fix files."""
