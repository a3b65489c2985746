"""Store what the district's systems reported as immutable columns, and query it."""
